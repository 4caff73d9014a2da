// SPDX-License-Identifier: Apache-2.0
// What ajv says of each document, next to what karmor-c said; see run.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { LineCounter, parseAllDocuments } from 'yaml';

// Differences that are meant: what ajv's first error is about, or the id of karmor-c's.
const MEANT = [
  ['ajv', /more than 200 characters/, 'paths of 200 bytes are a limit of another enforcer, here it is PATH_MAX'],
  ['ajv', /more than 20 items/, 'so is a number of arguments'],
  ['ajv', /required property 'fromSource'/, 'host policies may have rules for every program'],
  ['ajv', /must be (string|array|object|integer|boolean)$/, 'null is absent: a warning', 'null'],
  ['ajv', /capability.* pattern/, 'capabilities in upper case, and new ones'],
  ['ajv', /spec\/presets/, 'presets on the node'],
  ['karmor-c', /^KA0006/, 'a cluster refuses it while decoding, before the schema'],
  ['karmor-c', /^KA0(112|302)/, 'fromSource or nodeSelector that could mean none or any'],
  ['karmor-c', /^KA0(103|104|107)/, 'an object that says nothing'],
  ['karmor-c', /^KA010[89]/, 'a kind that no schema is about, and that is meant as a policy'],
  ['karmor-c', /^KA0105/, 'a word that only a part of is known'],
  ['karmor-c', /^KA02/, 'a value that the kernel never shows, or nobody can mean'],
  ['karmor-c', /^KA03/, 'the meaning of the policies, which no schema knows'],
];

const files = (dir, ends) => readdirSync(dir, { recursive: true })
  .filter((f) => ends.some((e) => f.endsWith(e))).sort().map((f) => join(dir, f));

// Objects with known properties take no others.
function close(node) {
  if (Array.isArray(node)) return node.map(close);
  if (node === null || typeof node !== 'object') return node;
  const out = {};
  for (const [k, v] of Object.entries(node)) if (!k.startsWith('x-')) out[k] = close(v);
  if (out.properties && out.additionalProperties === undefined &&
      !(out.type !== undefined && typeof out.type === 'object'))
    out.additionalProperties = false;
  return out;
}

let compiling = 0; // milliseconds

function compile(ajv, schema) {
  const start = performance.now();
  const valid = ajv.compile(close(schema));
  compiling += performance.now() - start;
  return valid;
}

function kinds(dir) {
  const ajv = new Ajv({ strict: false, allErrors: false, formats: { int32: true, int64: true } });
  const out = new Map();
  for (const file of files(dir, ['.yaml', '.yml', '.json'])) {
    for (const doc of parseAllDocuments(readFileSync(file, 'utf8'))) {
      const crd = doc.toJS();
      if (crd?.kind !== 'CustomResourceDefinition') continue;
      for (const version of crd.spec.versions) {
        out.set(crd.spec.names.kind, {
          api: `${crd.spec.group}/${version.name}`,
          valid: compile(ajv, version.schema.openAPIV3Schema),
        });
      }
    }
  }
  return out;
}

// YAML as the tools of Kubernetes read it: 1.1, the same key twice is an error.
function documents(file) {
  const text = readFileSync(file, 'utf8');
  const lines = new LineCounter();
  const docs = parseAllDocuments(text, {
    version: '1.1', uniqueKeys: true, merge: false, lineCounter: lines, prettyErrors: false });
  if (!Array.isArray(docs)) return [];
  return docs.map((doc) => ({
    file, doc,
    first: lines.linePos(doc.range[0]).line,
    last: lines.linePos(doc.range[2]).line,
  }));
}

function judge(kinds, d) {
  if (d.doc.errors.length) return `yaml: ${d.doc.errors[0].code}`;
  const object = d.doc.toJS();
  const kind = kinds.get(object?.kind);
  if (!kind) return undefined; // not one of ours
  if (object.apiVersion !== kind.api) return `apiVersion: not ${kind.api}`;
  if (kind.valid(object)) return null;
  const e = kind.valid.errors[0];
  let at = object;
  for (const part of e.instancePath.split('/').slice(1))
    at = at?.[part.replace(/~1/g, '/').replace(/~0/g, '~')];
  return `${at === null ? 'null: ' : ''}${e.instancePath} ${e.message}` +
         (e.params.additionalProperty ? ` (${e.params.additionalProperty})` : '');
}

// A CustomResourceDefinition leaves metadata open; the server that reads it does not.
function isOfMetadata(text, doc) {
  const field = text.match(/^KA0102 .* unknown field '(.*)'$/)?.[1];
  const metadata = field && !doc.errors.length ? doc.toJS()?.metadata : undefined;
  return metadata !== null && typeof metadata === 'object' && field in metadata;
}

function reason(who, text, doc) {
  if (isOfMetadata(text, doc)) return 'a field of metadata, which a cluster refuses while decoding';
  const row = MEANT.find(([side, re, , only]) =>
    side === who && re.test(text) && (!only || text.startsWith(only)));
  return row?.[2];
}

function compare(kinds, dir, said) {
  const ours = new Map();
  for (const d of said.diagnostics)
    if (d.severity === 'error') ours.set(d.file, [...(ours.get(d.file) ?? []), d]);
  const count = { documents: 0, valid: 0, invalid: 0, meant: 0, wrong: 0 };
  for (const file of files(dir, ['.yaml', '.yml'])) {
    for (const d of documents(file)) {
      const theirs = judge(kinds, d);
      const mine = (ours.get(file) ?? []).filter((e) => e.line >= d.first && e.line <= d.last)
        .map((e) => `${e.id} ${e.line}:${e.column} ${e.message}`);
      if (theirs === undefined && !mine.length) continue;
      count.documents++;
      if (!theirs === !mine.length) {
        count[theirs ? 'invalid' : 'valid']++;
        continue;
      }
      const why = reason(theirs ? 'ajv' : 'karmor-c', theirs ?? mine[0], d.doc);
      count[why ? 'meant' : 'wrong']++;
      console.log(`${file}:${d.first}: ${theirs ? `ajv alone: ${theirs}` : `karmor-c alone: ${mine[0]}`}`
                  + `\n    ${why ?? 'NO REASON IS KNOWN'}`);
    }
  }
  console.log(`${count.documents} documents: both say valid ${count.valid}, invalid ${count.invalid}; `
              + `${count.meant} differ and are meant to, ${count.wrong} differ`);
  process.exit(count.wrong ? 1 : 0);
}

// What a process costs that judges all policies once.
function time(dir, crds, started) {
  const since = (t) => performance.now() - t;
  let at = performance.now();
  const known = kinds(crds);
  const reading = since(at) - compiling;
  at = performance.now();
  const all = files(dir, ['.yaml', '.yml']);
  const objects = all.flatMap(documents).filter((d) => !d.doc.errors.length)
    .map((d) => d.doc.toJS()).filter((o) => known.get(o?.kind));
  const yaml = since(at);
  at = performance.now();
  objects.forEach((o) => known.get(o.kind).valid(o));
  const cold = since(at);
  at = performance.now();
  for (let i = 0; i < 20; i++) objects.forEach((o) => known.get(o.kind).valid(o));
  const warm = since(at) / 20;
  const ms = (x) => `${x.toFixed(1)} ms`;
  console.log(`ajv, one process, ${all.length} files, ${objects.length} policies: node and modules `
              + `${ms(started)}, schemas read ${ms(reading)} and compiled ${ms(compiling)}, `
              + `files read ${ms(yaml)}, judged ${ms(cold)} (again: ${ms(warm)})`);
  console.log(`    the schema part alone, cold: ${ms(started + compiling + cold)}; without node: `
              + ms(compiling + cold));
}

const args = process.argv.slice(2);
if (args[0] === '--time') time(args[2], args[1], performance.now());
else compare(kinds(args[0]), args[1], JSON.parse(readFileSync(args[2], 'utf8')));

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';

/** What a client may ask for. The method is unknown where the path is put together elsewhere than the request. */
export interface SdkRequest {
  readonly method: string | null;
  /** `:x` stands for what is filled in. */
  readonly path: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a syntax tree has nodes of many shapes
type Node = any;

const packages = join(import.meta.dirname, '../../node_modules/@stackframe');
const ofInterface = 'stack-shared/dist/esm/interface/{client,server,admin}-interface.js';
const ofApplications = '{react,js}/dist/esm/**/*.js';
const sends = /^send(?:Client|Server|Admin)?Request/;
const anyBase = /^.*?\/api\/(?:v1|latest)(?=\/)/;

/** Read from the files of the SDK that is installed. */
export function sdkRequests(): readonly SdkRequest[] {
  const found = new Map<string, SdkRequest>();
  const keep = (text: string, call: Node) => {
    const request = { method: methodOf(call), path: pathOf(text) };
    found.set(`${request.method} ${request.path}`, request);
  };
  // These files speak of nothing but paths of the API.
  read(ofInterface, (node, call) => {
    const text = textOf(node);
    if (text !== null && /^\/[a-z]/.test(text) && text !== '/api/v1') keep(text, call);
  });
  read(ofApplications, (node, call) => {
    const text = textOf(node);
    if (text === null) return;
    if (anyBase.test(text)) keep(text.replace(anyBase, ''), call);
    else if (call?.arguments[0] === node && sends.test(nameOf(call.callee))) keep(text, call);
  });
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function read(pattern: string, visit: (node: Node, call: Node) => void) {
  for (const file of globSync(pattern, { cwd: packages })) {
    if (/\.test\.js$/.test(file)) continue;
    const { program } = parseSync(file, readFileSync(join(packages, file), 'utf8'));
    walk(program, null, visit);
  }
}

/** @param call the call among whose arguments a node is */
function walk(node: Node, call: Node, visit: (node: Node, call: Node) => void) {
  if (node === null || typeof node !== 'object') return;
  if (Array.isArray(node)) {
    for (const one of node) walk(one, call, visit);
    return;
  }
  visit(node, call);
  const inside = ['CallExpression', 'NewExpression'].includes(node.type) ? node : call;
  for (const [name, child] of Object.entries(node)) {
    if (name !== 'parent') walk(child, name === 'arguments' ? inside : call, visit);
  }
}

/** A text, with `:x` for what is filled in. */
function textOf(node: Node): string | null {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type !== 'TemplateLiteral') return null;
  return node.quasis.map((part: Node) => part.value.cooked).join(':x');
}

/** Without a query: what follows `?`, or what is filled in behind a whole segment. */
function pathOf(text: string): string {
  const path = text.replace(/\?.*$/s, '').replace(/(?<!\/):x.*$/s, '');
  return path.endsWith('/') ? `${path}:x` : path;
}

function methodOf(call: Node): string | null {
  if (call === null) return null;
  const name = nameOf(call.callee);
  const options = call.arguments.find((one: Node) => one.type === 'ObjectExpression');
  const method = options?.properties.find((one: Node) => one.key?.name === 'method')?.value.value;
  return method ?? (sends.test(name) || name === 'fetch' ? 'GET' : null);
}

const nameOf = (callee: Node): string => callee.property?.name ?? callee.name ?? '';

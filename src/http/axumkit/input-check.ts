import type { TSchema } from 'typebox';
import { jsonText, TooManyValues } from '../kit/json-text.ts';
import { textFault } from '../kit/text-fault.ts';
import { InvalidInput, type Issue, validator } from '../kit/validation.ts';
import type { AxumKitCall } from './call.ts';
import type { AxumKitEndpoint } from './endpoint.ts';

/** A body that cannot be read as what the endpoint takes (spec §1.6, parse errors). */
export class Unreadable extends SyntaxError {}

const jsonType = /^application\/(?:[a-z0-9!#$&^_.+-]+\+)?json$/;

/** Reads and validates what an endpoint has schemas for. Bodies of endpoints that take none are not looked at. */
export function inputCheck(endpoint: AxumKitEndpoint): (call: AxumKitCall) => void {
  const params = endpoint.params && validator('params', endpoint.params);
  const query = endpoint.query && validator('query', endpoint.query);
  const body = endpoint.body && validator('body', endpoint.body);
  return (call) => {
    const { request } = call;
    const issues: Issue[] = [];
    if (textFault(request.params) !== null || textFault(request.query) !== null) {
      throw new Unreadable('Failed to deserialize query string');
    }
    call.params = request.params;
    if (params) issues.push(...params(call.params));
    call.query = readQuery(endpoint.query, request.query as Record<string, unknown>);
    if (query) issues.push(...query(call.query));
    if (body) {
      call.body = readJson(request.headers['content-type'], request.body);
      issues.push(...body(call.body));
    }
    if (issues.length > 0) throw new InvalidInput(issues);
  };
}

function readJson(type: string | undefined, bytes: unknown): unknown {
  if (!jsonType.test((type ?? '').split(';', 1)[0]!.trim().toLowerCase())) {
    throw new Unreadable('Expected request with `Content-Type: application/json`');
  }
  let value: unknown;
  try {
    value = JSON.parse(jsonText(Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0)).replace(/^\ufeff/, ''));
  } catch (fault) {
    const why = fault instanceof TooManyValues ? `: ${fault.message}` : '';
    throw new Unreadable(`Failed to parse the request body as JSON${why}`);
  }
  const fault = textFault(value);
  if (fault !== null) throw new Unreadable(`Failed to parse the request body as JSON: text ${fault}`);
  return value;
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, TSchema & { readonly type?: string }>>;
}

/** Numbers of a query are digits and nothing else; a value that is none stays text and does not fit. */
function readQuery(schema: TSchema | undefined, query: Record<string, unknown>): unknown {
  const { properties = {} } = (schema ?? {}) as ObjectSchema;
  const read: Record<string, unknown> = { ...query };
  for (const [name, property] of Object.entries(properties)) {
    const value = read[name];
    if (property.type === 'integer' && typeof value === 'string' && /^\d{1,15}$/.test(value))
      read[name] = Number(value);
    // Once or several times.
    if (property.type === 'array' && typeof value === 'string') read[name] = [value];
  }
  return read;
}

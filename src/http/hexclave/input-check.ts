import type { TSchema } from 'typebox';
import { Refusal } from '../../base/refusal.ts';
import { textFault } from '../kit/text-fault.ts';
import { InvalidInput } from '../kit/validation.ts';
import { checkAccess } from './admit.ts';
import type { HexclaveCall } from './call.ts';
import type { HexclaveEndpoint } from './endpoint.ts';
import { readPart } from './problems.ts';
import { wholeQuery } from './resource-query.ts';

/** The lines of a SCHEMA_ERROR. */
export class Problems extends InvalidInput {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super([]);
    this.lines = lines;
  }
}

/**
 * Who may call is asked first; then `me` is replaced, then everything wrong is collected (spec §1.10).
 * @throws Refusal access_level_missing, access_level_insufficient, not_signed_in; Problems
 */
export const inputCheck = (endpoint: HexclaveEndpoint) => {
  const query = wholeQuery(endpoint.query, endpoint.sharedQuery);
  const serverQuery = endpoint.serverQuery && wholeQuery(endpoint.serverQuery, endpoint.sharedQuery);
  return (call: HexclaveCall) => check(call, endpoint, (call.asServer && serverQuery) || query);
};

function check(call: HexclaveCall, endpoint: HexclaveEndpoint, query: TSchema | undefined): void {
  const { request } = call;
  checkAccess(call, endpoint);
  const lines = headerProblems(call, endpoint);
  const part = (name: 'body' | 'query' | 'params', schema: TSchema | undefined, given: unknown): unknown => {
    if (!schema) {
      if (name === 'query' && !endpoint.lenient) lines.push(...unknownNames(name, given));
      return given;
    }
    if (name === 'body' && given === undefined) {
      if (endpoint.bodyOptional) return {};
      lines.push('body must be defined');
      return given;
    }
    const read = readPart(name, schema, withoutMe(call, given), endpoint.lenient);
    lines.push(...read.problems);
    return read.value;
  };
  const { version: _version, ...params } = request.params as Record<string, string>;
  call.params = part('params', endpoint.params, params);
  call.query = part('query', query, { ...(request.query as object) });
  call.body = part('body', (call.asServer && endpoint.serverBody) || endpoint.body, request.body ?? undefined);
  const fault = textFault(request.params) ?? textFault(request.query) ?? textFault(request.body);
  if (fault !== null) lines.push(`text of the request ${fault}`);
  if (endpoint.userIsField && !call.live) lines.push('auth.user must be defined');
  if (lines.length > 0) throw new Problems(lines);
}

const headerProblems = (call: HexclaveCall, { requiredHeaders = [] }: HexclaveEndpoint): string[] =>
  requiredHeaders.filter((name) => call.named(name) === null).map((name) => `headers.x-stack-${name} must be defined`);

function unknownNames(part: string, given: unknown): string[] {
  const names = Object.keys((given ?? {}) as object);
  return names.length > 0 ? [`${part} contains unknown properties: ${names.join(', ')}`] : [];
}

/** Fields that hold a person; `me` in any of them is whoever asks (spec §1.10). */
const personFields: readonly string[] = ['user_id', 'creator_user_id'];

function withoutMe(call: HexclaveCall, given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const members = given as Record<string, unknown>;
  const found = personFields.filter((name) => Object.hasOwn(members, name) && members[name] === 'me');
  if (found.length === 0) return given;
  if (!call.live) throw new Refusal('not_signed_in', { field: 'me' });
  const own = call.live.user.id;
  return { ...members, ...Object.fromEntries(found.map((name) => [name, own])) };
}

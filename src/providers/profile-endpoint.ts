import type { JsonObject, JsonValue } from '../base/json.ts';
import { Refusal } from '../base/refusal.ts';
import { readExactJson } from './exact-json.ts';
import { asRefusal, unavailable } from './faults.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { isObject } from './profile-fields.ts';
import type { ProfileRequest } from './provider-kind.ts';

const unusable = (why: string): Refusal => new Refusal('provider_profile_unusable', { why });

/** Told apart from an outage where tokens are made: some wires have a word of its own for it. */
const atProfile = (fault: unknown): never => {
  if (!(fault instanceof Refusal) || fault.code !== 'provider_unavailable') throw fault;
  throw new Refusal(fault.code, { ...fault.detail, field: 'profile' });
};

async function read(
  fetch: GuardedFetch,
  url: string,
  accessToken: string | null,
  { method, headers, form }: ProfileRequest = {},
): Promise<unknown> {
  if (accessToken === null) throw unusable('no access token');
  return asRefusal('provider_profile_unusable', 'profile', async () => {
    const response = await fetch(url, {
      headers: {
        ...{ accept: 'application/json', authorization: `Bearer ${accessToken}` },
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(method && { method }),
      ...(form && { body: new URLSearchParams(form).toString() }),
    });
    if (response.status >= 500) throw unavailable(`profile: status ${response.status}`);
    if (response.status !== 200) {
      const given = String(response.status);
      throw new Refusal('provider_profile_unusable', { field: 'status', given, why: `status ${given}` });
    }
    try {
      return readExactJson(await response.text());
    } catch {
      throw unusable('not JSON');
    }
  }).catch(atProfile);
}

/** @throws Refusal provider_profile_unusable also for 200 with an error inside (rule 5) */
export async function readObject(
  fetch: GuardedFetch,
  url: string,
  accessToken: string | null,
  request: ProfileRequest = {},
): Promise<JsonObject> {
  const body = await read(fetch, url, accessToken, request);
  if (!isObject(body)) throw unusable('not an object');
  const failed = saysSomething(body.error) || saysSomething(body.errors);
  if (failed && !request.saysOk?.(body)) throw unusable('an error with status 200');
  return body;
}

/** An empty list of errors is none. */
const saysSomething = (errors: JsonValue | undefined): boolean =>
  Boolean(errors) && !(typeof errors === 'object' && errors !== null && Object.keys(errors).length === 0);

export async function readList(
  fetch: GuardedFetch,
  url: string,
  accessToken: string | null,
): Promise<readonly JsonObject[]> {
  const body = await read(fetch, url, accessToken);
  if (!Array.isArray(body)) throw unusable('not a list');
  return body.filter(isObject);
}

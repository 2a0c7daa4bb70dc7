import { type AdditionalField, readFieldValue } from '../../base/additional-field.ts';
import { type JsonObject, membersOf } from '../../base/json.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Person } from '../../core/users/user.ts';
import type { FilterKind, MemberField } from '../../core/users/user-query.ts';
import type { BetterAuthSettings } from './settings.ts';

type Settings = Pick<BetterAuthSettings, 'additionalFields'>;

/** Where a field is kept: what people may write themselves, beside what only servers write. */
const groupOf = ({ input }: AdditionalField) => (input ? 'metadataClient' : 'metadataReadonly');

/** The additional fields of a user, each with its value, its default or null. */
export function shownFields(person: Person, { additionalFields }: Settings): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(additionalFields)) {
    shown[name] = membersOf(person[groupOf(field)])[name] ?? field.default;
  }
  return shown;
}

/**
 * What people say of themselves at sign-up; unknown members are ignored.
 * @throws Refusal input_invalid, field_not_allowed, field_required
 */
export function fieldsOfNew(body: object, settings: Settings): JsonObject | null {
  for (const [name, { required, default: byDefault }] of Object.entries(settings.additionalFields)) {
    const missing = (body as JsonObject)[name] == null && byDefault === null;
    if (required && missing) throw new Refusal('field_required', { field: name });
  }
  return ownFields(body, settings);
}

/** The same of somebody who is there. @throws Refusal input_invalid, field_not_allowed */
export function ownFields(body: object, { additionalFields }: Settings): JsonObject | null {
  const found: JsonObject = {};
  for (const [name, field] of Object.entries(additionalFields)) {
    const value = (body as JsonObject)[name];
    // As upstream: what says nothing is let pass.
    if (!field.input && value) throw new Refusal('field_not_allowed', { field: name });
    if (field.input && value !== undefined) found[name] = fieldValue(`body.${name}`, field, value);
  }
  return noneIfEmpty(found);
}

/** What an administrator or service says of somebody, in both groups. @throws Refusal input_invalid */
export function fieldsByAdmin(data: object, { additionalFields }: Settings) {
  const groups = { metadataClient: {} as JsonObject, metadataReadonly: {} as JsonObject };
  for (const [name, field] of Object.entries(additionalFields)) {
    const value = (data as JsonObject)[name];
    if (value !== undefined) groups[groupOf(field)][name] = fieldValue(`body.data.${name}`, field, value);
  }
  const metadataClient = noneIfEmpty(groups.metadataClient);
  const metadataReadonly = noneIfEmpty(groups.metadataReadonly);
  return { ...(metadataClient && { metadataClient }), ...(metadataReadonly && { metadataReadonly }) };
}

const noneIfEmpty = (found: JsonObject): JsonObject | null => (Object.keys(found).length === 0 ? null : found);

function fieldValue(place: string, { type }: AdditionalField, value: unknown) {
  const read = readFieldValue(type, value);
  if (read !== undefined) return read;
  const received = Array.isArray(value) ? 'array' : typeof value;
  throw new Refusal('input_invalid', { field: `[${place}] Invalid input: expected ${type}, received ${received}` });
}

const kinds: { readonly [type in AdditionalField['type']]: FilterKind } = {
  string: 'text',
  number: 'number',
  boolean: 'truth',
  date: 'moment',
  'string[]': 'list',
  'number[]': 'list',
};

/** The field as lists are filtered and sorted by it; null when there is none of that name. */
export function memberField(name: string, { additionalFields }: Settings): MemberField | null {
  if (!Object.hasOwn(additionalFields, name)) return null;
  const field = additionalFields[name]!;
  const fallback = Array.isArray(field.default) ? JSON.stringify(field.default) : field.default;
  return { group: groupOf(field), member: name, kind: kinds[field.type], fallback };
}

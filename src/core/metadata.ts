import type { JsonObject, JsonValue } from '../base/json.ts';
import { Refusal } from '../base/refusal.ts';

declare const bounded: unique symbol;

/**
 * JSON of a caller that passed `readMetadata`. The store takes no other, so a value without a bound does not compile.
 * Null is "none".
 */
export type Bounded<T extends JsonValue> = T extends null ? null : T & { readonly [bounded]: true };
export type Metadata = Bounded<JsonValue>;
export type MetadataObject = Bounded<JsonObject> | null;

/** Bytes of one field group as JSON in UTF-8: `client_metadata`, say, or all additional fields of a user together. */
export const maxMetadataBytes = 16_384;

/**
 * @param field what the refusal calls it
 * @throws Refusal metadata_too_large
 */
export function readMetadata<T extends JsonValue>(field: MetadataField, value: T): Bounded<T> {
  if (value !== null && bytesOf(value) > maxMetadataBytes) {
    throw new Refusal('metadata_too_large', { field, maxLength: maxMetadataBytes });
  }
  return value as Bounded<T>;
}

/** For what no caller waits to hear about, such as a provider's profile: too large is none. */
export const metadataOrNone = <T extends JsonValue>(value: T): Bounded<T> | null =>
  bytesOf(value) > maxMetadataBytes ? null : (value as Bounded<T>);

/** As core names them; a wire has its own names. */
export type MetadataField = 'metadata' | 'metadataClient' | 'metadataReadonly' | 'metadataServer' | 'signUp';

/** JSON that is nested deeper than the serializer can follow is larger than any bound. */
function bytesOf(value: JsonValue): number {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

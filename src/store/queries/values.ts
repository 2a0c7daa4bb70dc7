import type { JsonObject, JsonValue } from '../../core/users/user.ts';
import type { Bit, JsonText } from '../schema.ts';

export const bit = (value: boolean): Bit => (value ? 1 : 0);
export const jsonText = (value: JsonObject | null): JsonText | null => (value === null ? null : JSON.stringify(value));
export const jsonObject = (text: JsonText | null): JsonObject | null =>
  text === null ? null : (JSON.parse(text) as JsonObject);

/** JSON null and no value at all are one here: SQL NULL. */
export const jsonValueText = (value: JsonValue): JsonText | null => (value === null ? null : JSON.stringify(value));
export const jsonValue = (text: JsonText | null): JsonValue => (text === null ? null : (JSON.parse(text) as JsonValue));

/** How many rows an UPDATE or DELETE without RETURNING touched. */
export const touched = (result: { numUpdatedRows?: bigint; numDeletedRows?: bigint }): number =>
  Number(result.numUpdatedRows ?? result.numDeletedRows ?? 0n);

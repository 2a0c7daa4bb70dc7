import type { JsonObject } from '../../core/users/user.ts';
import type { Bit, JsonText } from '../schema.ts';

export const bit = (value: boolean): Bit => (value ? 1 : 0);
export const jsonText = (value: JsonObject | null): JsonText | null => (value === null ? null : JSON.stringify(value));
export const jsonObject = (text: JsonText | null): JsonObject | null =>
  text === null ? null : (JSON.parse(text) as JsonObject);

/** How many rows an UPDATE or DELETE without RETURNING touched. */
export const touched = (result: { numUpdatedRows?: bigint; numDeletedRows?: bigint }): number =>
  Number(result.numUpdatedRows ?? result.numDeletedRows ?? 0n);

import { Type } from 'typebox';

const most = 2_147_483_647;

/** How many rows somebody wants, or after how many: numbers beyond any table are refused before a database meets them. */
export const rowNumber = (minimum: 0 | 1) => Type.Integer({ minimum, maximum: most });

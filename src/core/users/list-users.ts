import { type Instant, isoTime } from '../../base/clock.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import { filesUrl } from '../files/file-url.ts';
import { type AdminReader, admitAdmin } from '../permissions/project-rights.ts';
import type { Person } from './user.ts';
import { type FilterKind, type FilterValue, kindOf, type UserFilter, type UserQuery } from './user-query.ts';

const maxPage = 1_000;
const maxTextLength = 256;
const maxValues = 100;

/**
 * People of the project, a page at a time, and how many there are in all.
 * @throws Refusal not_signed_in, permission_denied, input_invalid
 */
export async function listUsers(
  ctx: Context,
  actor: AdminReader,
  query: UserQuery,
): Promise<{ readonly people: readonly Person[]; readonly total: number; readonly limit: number }> {
  const admitted = await admitAdmin(ctx, ctx.store.read, actor, ['users.list']);
  if (admitted instanceof Refusal) throw admitted;
  const limit = Math.min(query.limit, maxPage);
  const { search } = query;
  const page = await ctx.store.read.users.page({
    ...query,
    limit,
    search: search && search.text !== '' ? { ...search, text: search.text.slice(0, maxTextLength) } : null,
    filter: query.filter && readFilter(ctx, query.filter),
  });
  return { ...page, limit };
}

/** Values in the form their column has. @throws Refusal input_invalid */
function readFilter(ctx: Context, filter: UserFilter): UserFilter {
  const kind = kindOf(filter.field);
  if (filter.values.length > maxValues) throw new Refusal('input_invalid', { why: 'too many filter values' });
  // A picture of ours is known by its file, wherever it is served.
  const ours = filter.field === 'image' ? `${filesUrl(ctx)}/` : '';
  const values = filter.values.map((value) => readers[kind](withoutStart(value, ours)));
  if (values.includes(undefined)) throw new Refusal('input_invalid', { why: `the filter wants ${kind}` });
  return { ...filter, values: values as FilterValue[] };
}

const withoutStart = (value: FilterValue, start: string): FilterValue =>
  typeof value === 'string' && value.startsWith(start) ? value.slice(start.length) : value;

const readers: { readonly [kind in FilterKind]: (value: FilterValue) => FilterValue | undefined } = {
  text: (value) => String(value).slice(0, maxTextLength),
  truth: (value) =>
    value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined,
  time(value) {
    const at = typeof value === 'number' ? value : Date.parse(String(value));
    return Number.isSafeInteger(at) ? at : undefined;
  },
  number(value) {
    const number = String(value).trim() === '' ? Number.NaN : Number(value);
    return Number.isFinite(number) ? number : undefined;
  },
  moment(value) {
    const at = typeof value === 'number' ? value : Date.parse(String(value));
    return Math.abs(at) <= 8.64e15 ? isoTime(at as Instant) : undefined;
  },
  list: (value) => String(value).slice(0, maxTextLength),
};

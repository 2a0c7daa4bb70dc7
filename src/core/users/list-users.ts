import { Refusal } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import { type AdminReader, admitAdmin } from '../permissions/project-rights.ts';
import type { Person } from './user.ts';
import { type FilterKind, type FilterValue, filterKinds, type UserFilter, type UserQuery } from './user-query.ts';

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
    filter: query.filter && readFilter(query.filter),
  });
  return { ...page, limit };
}

/** Values in the form their column has. @throws Refusal input_invalid */
function readFilter(filter: UserFilter): UserFilter {
  const kind = filterKinds[filter.field];
  if (filter.values.length > maxValues) throw new Refusal('input_invalid', { why: 'too many filter values' });
  const values = filter.values.map((value) => readers[kind](value));
  if (values.includes(undefined)) throw new Refusal('input_invalid', { why: `filter ${filter.field} wants ${kind}` });
  return { ...filter, values: values as FilterValue[] };
}

const readers: { readonly [kind in FilterKind]: (value: FilterValue) => FilterValue | undefined } = {
  text: (value) => String(value).slice(0, maxTextLength),
  truth: (value) =>
    value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined,
  time(value) {
    const at = typeof value === 'number' ? value : Date.parse(String(value));
    return Number.isSafeInteger(at) ? at : undefined;
  },
};

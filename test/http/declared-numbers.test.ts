import { expect, test } from 'vitest';
import { routes as axumKit } from '../../src/http/axumkit/routes.ts';
import { allRoutes as betterAuth } from '../../src/http/better-auth/routes.ts';
import { routes as hexclave } from '../../src/http/hexclave/routes.ts';

interface Schema {
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
}

/** Places of numbers in a schema that go out of the range of whole numbers, or are none. */
function unbounded(schema: Schema | undefined, place: string): string[] {
  if (schema === undefined) return [];
  const { type, minimum, maximum, properties = {}, anyOf = [], items } = schema;
  const isNumber = type === 'number' || type === 'integer';
  const isBounded = type === 'integer' && Number.isSafeInteger(minimum) && Number.isSafeInteger(maximum);
  return [
    ...(isNumber && !isBounded ? [place] : []),
    ...Object.entries(properties).flatMap(([name, member]) => unbounded(member, `${place}.${name}`)),
    ...anyOf.flatMap((one) => unbounded(one, place)),
    ...unbounded(items, `${place}[]`),
  ];
}

test('numbers of queries, which reach databases as limits and offsets, have bounds', () => {
  const routes = [...axumKit, ...betterAuth, ...hexclave] as unknown as readonly Record<string, Schema>[];
  const parts = ['query', 'serverQuery', 'sharedQuery', 'params'];
  expect(routes.flatMap((route) => parts.flatMap((part) => unbounded(route[part], `${route.path} ${part}`)))).toEqual(
    [],
  );
});

import { expect, test } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
import type { Browser } from '../../kit/browser.ts';
import { aPerson, signedIn } from '../../kit/people.ts';
import { onEveryEngine, password, type Stage } from '../../kit/stage.ts';

const additionalFields = {
  company: { type: 'string', required: true },
  plan: { type: 'string', input: false, default: 'free' },
  seats: { type: 'number', default: 1 },
  beta: 'boolean',
  born: 'date',
  tags: 'string[]',
  scores: 'number[]',
};

onEveryEngine('Additional fields', { betterAuth: { additionalFields } }, (stage) => {
  const signUp = (body: object) =>
    stage.browser().post('/sign-up/email', { email: stage.address(), password, name: 'Ada', ...body });
  const fieldsOf = ({ company, plan, seats, beta, born, tags, scores }: Record<string, unknown>) => ({
    ...{ company, plan, seats, beta, born, tags, scores },
  });
  const rest = { plan: 'free', seats: 1, beta: null, born: null, tags: null, scores: null };

  test('defaults and nulls are shown for what was not said', async () => {
    expect(fieldsOf((await signUp({ company: 'Acme' })).body.user)).toEqual({ company: 'Acme', ...rest });
  });

  test('every type is kept; dates come back as ISO 8601', async () => {
    const given = { beta: true, seats: 3.5, tags: ['a', 'b'], scores: [1, -2], born: '1815-12-10T00:00:00+01:00' };
    const { status, body } = await signUp({ company: 'Acme', ...given });
    expect(status).toBe(200);
    const shown = { ...rest, ...given, born: '1815-12-09T23:00:00.000Z', company: 'Acme' };
    expect(fieldsOf(body.user)).toEqual(shown);
  });

  test.each([
    [{ seats: '3' }, '[body.seats] Invalid input: expected number, received string'],
    [{ beta: 'yes' }, '[body.beta] Invalid input: expected boolean, received string'],
    [{ born: 'soon' }, '[body.born] Invalid input: expected date, received string'],
    [{ tags: 'a' }, '[body.tags] Invalid input: expected string[], received string'],
    [{ tags: ['a', 1] }, '[body.tags] Invalid input: expected string[], received array'],
    [{ scores: ['1'] }, '[body.scores] Invalid input: expected number[], received array'],
  ])('%j is refused', async (given, message) => {
    const { status, body } = await signUp({ company: 'Acme', ...given });
    expect([status, body]).toEqual([400, { code: 'VALIDATION_ERROR', message }]);
  });

  test('nobody signs up without what is required, and an update may leave it out', async () => {
    for (const missing of [{}, { company: null }]) {
      const { status, body } = await signUp(missing);
      expect([status, body]).toEqual([400, { code: 'MISSING_FIELD', message: 'company is required' }]);
    }
    const { browser } = await stage.member({ body: { company: 'Acme' } });
    expect((await browser.post('/update-user', { seats: 2 })).status).toBe(200);
  });

  test('what only the server sets is refused from people, at sign-up and later', async () => {
    const refusal = { code: 'FIELD_NOT_ALLOWED', message: 'plan is not allowed to be set' };
    const signedUp = await signUp({ company: 'Acme', plan: 'gold' });
    expect([signedUp.status, signedUp.body]).toEqual([400, refusal]);
    const { browser } = await stage.member({ body: { company: 'Acme' } });
    const updated = await browser.post('/update-user', { plan: 'gold' });
    expect([updated.status, updated.body]).toEqual([400, refusal]);
    expect((await browser.get('/get-session')).body.user.plan).toBe('free');
  });

  test('administrators set it, and a client that writes metadata of another API does not', async () => {
    const admin = await anAdmin(stage);
    const { browser, id } = await stage.member({ body: { company: 'Acme', seats: 2 } });
    const edited = await admin.post('/admin/update-user', { userId: id, data: { plan: 'gold' } });
    expect(fieldsOf(edited.body)).toEqual({ ...rest, company: 'Acme', plan: 'gold', seats: 2 });
    expect((await browser.get('/get-session')).body.user.plan).toBe('gold');
    const data = { company: 'Beta', plan: 'silver' };
    const made = await admin.post('/admin/create-user', { email: stage.address(), name: 'New', data });
    expect(fieldsOf(made.body.user)).toEqual({ ...rest, ...data });
    const row = await stage.world.app.mainProject.store.read.users.find(made.body.user.id);
    expect([row!.metadataClient, row!.metadataReadonly]).toEqual([{ company: 'Beta' }, { plan: 'silver' }]);
  });

  test('/admin/list-users sorts and filters by every member that it returns', async () => {
    const admin = await anAdmin(stage);
    const people = [
      { company: 'List A', seats: 10, born: '2001-01-01', tags: ['x'], beta: true, image: 'https://img.test/1' },
      { company: 'List B', seats: 9, born: '2000-01-01', tags: ['y'], beta: false, image: 'https://img.test/2' },
      { company: 'List C' },
    ];
    const ids: string[] = [];
    for (const body of people) ids.push((await stage.member({ body })).id);
    const ask = async (query: Record<string, string>) =>
      (await admin.get(`/admin/list-users?${new URLSearchParams(query)}`)) as {
        status: number;
        body: { users: Record<string, unknown>[] };
      };
    const found = async (filterField: string, filterValue: string, filterOperator = 'eq') => {
      const { body } = await ask({ filterField, filterValue, filterOperator });
      return body.users.map(({ id }) => ids.indexOf(id as string)).filter((at) => at >= 0);
    };
    expect(await found('company', 'List', 'starts_with')).toEqual([0, 1, 2]);
    expect(await found('seats', '9', 'gte')).toEqual([0, 1]);
    expect(await found('seats', '1')).toEqual([2]);
    expect(await found('born', '2000-06-01', 'lt')).toEqual([1]);
    expect(await found('tags', '"x"', 'contains')).toEqual([0]);
    expect(await found('beta', 'true')).toEqual([0]);
    expect(await found('beta', 'false', 'ne')).toContain(2);
    expect(await found('image', 'https://img.test/2')).toEqual([1]);
    expect(await found('plan', 'free')).toEqual([0, 1, 2]);
    expect(await found('twoFactorEnabled', 'false')).toEqual([0, 1, 2]);

    const shown = Object.keys((await ask({})).body.users[0]!);
    expect(shown).toEqual(expect.arrayContaining(Object.keys(additionalFields)));
    for (const sortBy of shown) {
      for (const sortDirection of ['asc', 'desc']) {
        const { status, body } = await ask({ sortBy, sortDirection, limit: '500' });
        expect([sortBy, status, body.users.length]).toEqual([sortBy, 200, (await ask({})).body.users.length]);
      }
    }
    const bySeats = (
      await ask({
        sortBy: 'seats',
        sortDirection: 'desc',
        filterField: 'company',
        filterValue: 'List',
        filterOperator: 'starts_with',
      })
    ).body;
    expect(bySeats.users.map(({ seats }) => seats)).toEqual([10, 9, 1]);
  });

  test('a value of another kind, kept by another API, is no fault', async () => {
    const admin = await anAdmin(stage);
    const { id } = await stage.member({ body: { company: 'Odd' } });
    const { world } = stage;
    const odd = { company: 7, seats: 'many', born: true, tags: {}, beta: 'x' } as never;
    const ctx = world.app.mainProject.context('cli');
    await asSystem(ctx, (tx) => tx.users.update(id, { metadataClient: odd }, world.clock.now()));
    const values = { company: 'a', plan: 'a', seats: '1', beta: 'true', born: '2000-01-01', tags: '[]', scores: '[]' };
    for (const [field, value] of Object.entries(values)) {
      const query = `sortBy=${field}&filterField=${field}&filterOperator=ne&filterValue=${value}`;
      expect([field, (await admin.get(`/admin/list-users?${query}`)).status]).toEqual([field, 200]);
    }
  });
});

let admins = 0;
async function anAdmin({ world }: Stage): Promise<Browser> {
  const email = `admin${++admins}@example.com`;
  await aPerson(world, { email, roles: ['admin'] });
  return signedIn(world, email);
}

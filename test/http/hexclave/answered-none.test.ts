import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { hexclaveOnOneEngine } from '../../kit/hexclave.ts';
import { foundTeam } from '../../kit/hexclave-teams.ts';

/** What the original's components ask for by themselves, in areas that are not built. */
hexclaveOnOneEngine('what is not built', {}, (stage) => {
  const page = (limit: number) => ({ items: [], is_paginated: true, pagination: { next_cursor: null, limit } });
  const answers = {
    billing: { has_customer: false, default_payment_method: null },
    products: page(10),
    invoices: page(10),
  };

  it('is none for oneself, for a team of oneself, and for whomever a server names', async () => {
    const project = await stage.project({ 'teams.allowClientTeamCreation': true });
    const { id: team, owner: person } = await foundTeam(project);
    const customers = [`user/${person.user_id}`, `team/${team}`];
    for (const [area, none] of Object.entries(answers)) {
      for (const customer of customers) {
        for (const who of [{ token: person.access_token }, { access: 'server' } as const]) {
          const { status, body } = await project.request(`GET /payments/${area}/${customer}`, who);
          expect([area, customer, status, body]).toEqual([area, customer, 200, none]);
        }
      }
    }
    const first = await project.request(`GET /payments/products/${customers[0]}?limit=1`, {
      token: person.access_token,
    });
    expect(first.body).toEqual(page(1));
  });

  it('is told to nobody about others', async () => {
    const project = await stage.project({ 'teams.allowClientTeamCreation': true });
    const { id: team, owner: ada } = await foundTeam(project);
    const eve = await project.signUp();
    for (const area of Object.keys(answers)) {
      const about = (customer: string, token?: string) =>
        project.request(`GET /payments/${area}/${customer}`, token === undefined ? {} : { token });
      expect((await about(`user/${ada.user_id}`)).body.code).toBe('USER_AUTHENTICATION_REQUIRED');
      const other = await about(`user/${ada.user_id}`, eve.access_token);
      expect([other.status, other.text]).toEqual([403, 'Clients can only access their own user or team items.']);
      expect((await about(`team/${team}`, eve.access_token)).body.code).toBe('TEAM_MEMBERSHIP_NOT_FOUND');
      expect((await about('custom/x', eve.access_token)).body.code).toBe('SCHEMA_ERROR');
    }
  });

  it('takes events as the client sends them, and keeps none', async () => {
    const project = await stage.project();
    const { access_token: token } = await project.signUp();
    const events = JSON.stringify({ events: [{ name: 'page-view' }] });
    for (const [type, body] of [
      ['application/json', events],
      ['application/octet-stream', new Uint8Array(gzipSync(events))],
    ] as const) {
      const reply = await fetch(`${stage.url}/analytics/events/batch`, {
        method: 'POST',
        headers: {
          'content-type': type,
          'x-hexclave-access-type': 'client',
          'x-hexclave-project-id': project.id,
          'x-hexclave-access-token': token,
        },
        body,
      });
      expect([reply.status, await reply.json()]).toEqual([200, { inserted: 0 }]);
    }
  });

  it('has no page of an application that is out of date', async () => {
    const reply = await fetch(`${stage.url.replace('/v1', '/latest')}/internal/component-versions`);
    expect([reply.status, await reply.json()]).toEqual([200, { versions: {} }]);
  });
});

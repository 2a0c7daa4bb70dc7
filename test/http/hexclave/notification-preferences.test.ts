import { expect, it } from 'vitest';
import { hexclaveOnOneEngine } from '../../kit/hexclave.ts';

const transactional = {
  notification_category_id: '7bb82d33-2f54-4a3d-9d23-82739e0d66ef',
  notification_category_name: 'Transactional',
  enabled: true,
  can_disable: false,
};
const marketing = {
  notification_category_id: '4f6f8873-3d04-46bd-8bef-18338b1a1b4c',
  notification_category_name: 'Marketing',
  enabled: true,
  can_disable: true,
};
const path = '/emails/notification-preference';

hexclaveOnOneEngine('notification preferences (spec §2.11)', {}, (stage) => {
  it('are two, on until the user says otherwise', async () => {
    const project = await stage.project();
    const { access_token: token } = await project.signUp();
    const list = async () => (await project.request(`GET ${path}/me`, { token })).body;
    expect(await list()).toEqual({ items: [transactional, marketing], is_paginated: false });
    const change = (id: string, enabled: boolean) =>
      project.request(`PATCH ${path}/me/${id}`, { token, body: { enabled } });
    const off = await change(marketing.notification_category_id, false);
    expect([off.status, off.body]).toEqual([200, { ...marketing, enabled: false }]);
    expect((await list()).items).toEqual([transactional, { ...marketing, enabled: false }]);
    expect((await change(marketing.notification_category_id, true)).body).toEqual(marketing);
    // Kept, though mail that people need goes out anyway.
    expect((await change(transactional.notification_category_id, false)).body.enabled).toBe(false);
    const unknown = await change(crypto.randomUUID(), false);
    expect([unknown.status, unknown.text]).toEqual([404, 'Notification category not found']);
  });

  it('are each client’s own; servers read and write anybody’s', async () => {
    const project = await stage.project();
    const [user, other] = [await project.signUp(), await project.signUp()];
    const token = user.access_token;
    const theirs = `${path}/${other.user_id}` as const;
    const id = marketing.notification_category_id;
    const read = await project.request(`GET ${theirs}`, { token });
    expect([read.status, read.text]).toEqual([403, 'You can only view your own notification preferences']);
    const body = { enabled: false };
    const written = await project.request(`PATCH ${theirs}/${id}`, { token, body });
    expect([written.status, written.text]).toEqual([403, 'You can only manage your own notification preferences']);
    expect((await project.request(`GET ${path}/me`)).body.code).toBe('CANNOT_GET_OWN_USER_WITHOUT_USER');
    const byServer = await project.request(`PATCH ${theirs}/${id}`, { access: 'server', body });
    expect(byServer.body).toEqual({ ...marketing, enabled: false });
    expect((await project.request(`GET ${theirs}`, { access: 'server' })).body.items[1].enabled).toBe(false);
    expect((await project.request(`GET ${path}/me`, { token })).body.items[1].enabled).toBe(true);
    const nobody = await project.request(`GET ${path}/${crypto.randomUUID()}`, { access: 'server' });
    expect(nobody.body.code).toBe('USER_NOT_FOUND');
  });

  it('go with the user', async () => {
    const project = await stage.project();
    const { access_token: token, user_id } = await project.signUp();
    const id = marketing.notification_category_id;
    await project.request(`PATCH ${path}/me/${id}`, { token, body: { enabled: false } });
    expect((await project.request(`DELETE /users/${user_id}`, { access: 'server' })).status).toBe(200);
  });
});

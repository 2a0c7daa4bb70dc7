import { engines } from '/work/main/test/kit/engines.ts';
import { storeWorld, NOW } from '/work/main/test/kit/store-world.ts';
const people = 100_000;
for (const engine of engines) {
  const world = await storeWorld(engine);
  const project = await world.project();
  const ids: string[] = [];
  const chunk = 500;
  for (let start = 0; start < people; start += 5000) {
    await project.store.transaction(async (tx) => {
      for (let i = start; i < start + 5000; i += 1) {
        const id = world.ids.next();
        ids.push(id);
        await tx.users.insert({ id, displayName: `Person ${(i * 7919) % people} Name`, usernameNormal: null, usernameDisplay: null, imageUrl: null, metadataClient: null, anonymous: false, profilePublic: false, bannedAt: i % 1000 === 0 ? NOW : null, banReason: null, banExpiresAt: null, deactivatedAt: null, deactivatedBy: null, restrictedAt: null, restrictedReason: null, credentialsChangedAt: NOW, signedUpAt: NOW, lastActiveAt: null, createdAt: (NOW + i) as never, updatedAt: (NOW + i) as never });
        await tx.emails.insert({ id: world.ids.next(), userId: id, value: `p${(i * 7919) % people}@example${i % 50}.com`, normal: `p${(i * 7919) % people}@example${i % 50}.com`, isPrimary: true, usedForAuth: true, verifiedAt: i % 2 ? NOW : null, verifiedBy: null, createdAt: NOW, updatedAt: NOW });
        if (i % 100 === 0) await tx.users.setRoles(id, ['admin'], null, NOW);
        else if (i % 3 === 0) await tx.users.setRoles(id, ['user'], null, NOW);
      }
    });
  }
  if (engine.name === 'postgres') await world.database.rows('ANALYZE'); 
  const base = { search: null, filter: null, sort: null, limit: 100, offset: 0 };
  const q: Record<string, any> = {
    plain: base,
    'offset 99,000': { ...base, offset: 99_000 },
    'sort createdAt desc': { ...base, sort: { field: 'createdAt', direction: 'desc' } },
    'sort updatedAt desc': { ...base, sort: { field: 'updatedAt', direction: 'desc' } },
    'sort email': { ...base, sort: { field: 'email', direction: 'asc' } },
    'sort name': { ...base, sort: { field: 'displayName', direction: 'asc' } },
    'sort name desc': { ...base, sort: { field: 'displayName', direction: 'desc' } },
    'email contains': { ...base, search: { field: 'email', operator: 'contains', text: '1234' } },
    'email contains all': { ...base, search: { field: 'email', operator: 'contains', text: 'example' } },
    'email starts': { ...base, search: { field: 'email', operator: 'starts_with', text: 'p123' } },
    'name contains': { ...base, search: { field: 'displayName', operator: 'contains', text: '1234' } },
    'email eq': { ...base, filter: { field: 'email', operator: 'eq', values: ['p7@example5.com'] } },
    'role admin': { ...base, filter: { field: 'role', operator: 'eq', values: ['admin'] } },
    'role user': { ...base, filter: { field: 'role', operator: 'eq', values: ['user'] } },
    'banned': { ...base, filter: { field: 'banned', operator: 'eq', values: [true] } },
    'not banned': { ...base, filter: { field: 'banned', operator: 'eq', values: [false] } },
    'verified': { ...base, filter: { field: 'emailVerified', operator: 'eq', values: [true] } },
    'createdAt gt': { ...base, filter: { field: 'createdAt', operator: 'gt', values: [NOW + 90_000] } },
  };
  for (const [name, query] of Object.entries(q)) {
    const times: number[] = [];
    let total = 0;
    for (let i = 0; i < 7; i += 1) {
      const t = performance.now();
      ({ total } = await project.store.read.users.page(query));
      times.push(performance.now() - t);
    }
    times.sort((a, b) => a - b);
    console.log(engine.name.padEnd(9), name.padEnd(22), String(total).padStart(7), times[3]!.toFixed(1), 'ms');
  }
  await world.close();
}

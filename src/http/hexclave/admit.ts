import type { TObject } from 'typebox';
import { Refusal } from '../../base/refusal.ts';
import type { ServerActor, UserActor } from '../../core/actor.ts';
import type { AccessLevel } from '../../core/projects/admit-project-key.ts';
import type { Me } from '../kit/needs.ts';
import type { HexclaveCall } from './call.ts';
import type { HexclaveEndpoint, HexclaveNeeds } from './endpoint.ts';

const clients = ['client', 'server', 'admin'] as const;

/** Access types that may call; null: headers are not asked for. */
const accessOf: { readonly [N in HexclaveNeeds]: readonly AccessLevel[] | null } = {
  nobody: null,
  project_client: clients,
  user: clients,
  user_or_server: clients,
  server: ['server', 'admin'],
  admin: ['admin'],
};

/** Asked before anything else of a request is looked at (spec §1.10). @throws Refusal access_level_* */
export function checkAccess({ access }: HexclaveCall, { needs }: HexclaveEndpoint): void {
  const allowed = accessOf[needs];
  if (!allowed) return;
  if (access === null) throw new Refusal('access_level_missing', { field: 'required' });
  if (!allowed.includes(access)) throw new Refusal('access_level_insufficient', { given: access, allowed });
}

/** Who calls, where the endpoint lets them in. @throws Refusal not_signed_in, access_level_insufficient */
export function admit(call: HexclaveCall, endpoint: HexclaveEndpoint): Me<HexclaveNeeds> {
  switch (endpoint.needs) {
    case 'nobody':
    case 'project_client':
      return null;
    case 'user':
      return user(call);
    case 'user_or_server':
      return call.server ?? user(call, namesPerson(endpoint));
    case 'server':
    case 'admin':
      return server(call);
  }
}

/** @throws Refusal not_signed_in, which is USER_AUTHENTICATION_REQUIRED unless the endpoint says otherwise */
function user({ from, live, claims }: HexclaveCall, named = false): UserActor {
  if (!live) throw new Refusal('not_signed_in', named ? { field: 'named' } : claims ? {} : { field: 'no_token' });
  return { kind: 'user', from, live };
}

/** Is the request about a person whom it names? */
const namesPerson = ({ params, query, body }: HexclaveEndpoint): boolean =>
  [params, query, body].some((part) => Object.hasOwn((part as Partial<TObject>)?.properties ?? {}, 'user_id'));

function server({ server: shown, access }: HexclaveCall): ServerActor {
  if (!shown) throw new Refusal('access_level_insufficient', { given: access ?? '', allowed: ['server', 'admin'] });
  return shown;
}

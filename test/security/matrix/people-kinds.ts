import type { Needs } from '../../../src/http/kit/needs.ts';
import type { Caller, CallerKind } from '../../kit/caller-matrix.ts';
import type { Belongings, callersOf, SessionHolder } from '../../kit/callers.ts';

type Callers = ReturnType<typeof callersOf>;

interface Ways {
  /** How somebody shows their session. */
  shows(holder: SessionHolder): Promise<Caller['headers']> | Caller['headers'];
  /** The same for a token that is of no session. */
  showsToken(token: string): Caller['headers'];
  /** What requests call what a person has. */
  names(belongings: Belongings): Readonly<Record<string, unknown>>;
  /** What somebody signed in may call, and what anybody may. */
  readonly user: readonly Needs[];
  /** What somebody may call whose session is none, or none here. */
  readonly refused: readonly Needs[];
  readonly anonymous: readonly Needs[];
  /** What memory lets somebody call whose session ended on another node. */
  readonly endedElsewhere: readonly Needs[];
}

/** People in every state, as one dialect is shown them. */
export function peopleKinds(own: Callers, other: Callers, ways: Ways): CallerKind[] {
  const { user, refused } = ways;
  const kind = (name: string, meets: readonly Needs[], make: () => Promise<SessionHolder>): CallerKind => ({
    name,
    meets,
    make: async () => ({ headers: await ways.shows(await make()) }),
  });
  /** They name what is theirs. */
  const owner = (name: string, make: () => Promise<SessionHolder>): CallerKind => ({
    name,
    meets: user,
    async make() {
      const holder = await make();
      const known = ways.names(await own.belongings(holder.live.user));
      return { headers: await ways.shows(holder), known };
    },
  });
  return [
    kind('anonymous', ways.anonymous, own.anonymous),
    owner('person', own.signedIn),
    owner('impersonated', own.impersonated),
    kind('ended', refused, own.ended),
    { ...kind('ended elsewhere', ways.endedElsewhere, own.endedElsewhere), mayRead: true },
    kind('banned', refused, own.banned),
    kind('deactivated', refused, own.deactivated),
    kind('restricted', refused, own.restricted),
    kind('unverified', refused, own.unverified),
    {
      name: 'second factor pending',
      meets: refused,
      make: async () => ({ headers: ways.showsToken(await own.pending()) }),
    },
    kind('of another project', refused, other.signedIn),
  ];
}

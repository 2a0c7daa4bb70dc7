import type { PersonActor, ServerActor, UserActor } from '../../core/actor.ts';

/** Who may call an endpoint, and whom its handler then gets as `me`. */
export interface Callers {
  /** Anybody, signed in or not; whoever has to know asks the call. */
  readonly nobody: null;
  /** Somebody signed in. */
  readonly user: UserActor;
  /** The same, or a key that stands in for its owner. */
  readonly user_or_key: PersonActor;
  /** Somebody signed in, or the project's server. */
  readonly user_or_server: UserActor | ServerActor;
  /** Any of the three. */
  readonly user_key_or_server: PersonActor | ServerActor;
  /** An application of the project, signed in or not. */
  readonly project_client: null;
  /** The project's server. */
  readonly server: ServerActor;
  /** The project's server with an administrator's rights. */
  readonly admin: ServerActor;
}

export type Needs = keyof Callers;

export type Me<N extends Needs = Needs> = Callers[N];

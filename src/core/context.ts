import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Random } from '../base/random.ts';
import type { LiveLog } from './audit/live-log.ts';
import type { ImageEncoder } from './files/image-encoder.ts';
import type { FileStorage } from './files/stored-file.ts';
import type { IdentityProviders } from './identities/provider.ts';
import type { Limiter } from './limits.ts';
import type { PasskeyVerifier } from './passkeys/passkey.ts';
import type { BreachedPasswords } from './passwords/breached-passwords.ts';
import type { PasswordHasher } from './passwords/password-hasher.ts';
import type { Project } from './project.ts';
import type { ProjectDirectory } from './projects/directory.ts';
import type { ProjectKeyMemory } from './projects/key-memory.ts';
import type { HasTransactions } from './raw-transaction.ts';
import type { SessionCache } from './sessions/session-cache.ts';
import type { SessionUses } from './sessions/session-uses.ts';
import type { AccessTokenMemory } from './signing/access-token.ts';
import type { TokenSigner } from './signing/signing-key.ts';
import type { Reads } from './store.ts';
import type { SurfaceProfile } from './surface.ts';
import type { BotChallenge } from './users/bot-challenge.ts';
import type { Conditions } from './users/judge-sign-up.ts';
import type { Vault } from './vault.ts';

/** What every use case is given: the project it acts in, the surface that called, and the ports. */
export interface Context extends HasTransactions {
  readonly project: Project;
  readonly surface: SurfaceProfile;
  /** Where people reach the pages, without a trailing slash. Links are built from it, never from Host (rule 16). */
  readonly publicUrl: string;
  /** Where the pages of this project are: the public URL for the first project, a path below it for every other. */
  readonly pagesUrl: string;
  /** Where this surface answers: origin and mount path, without a trailing slash. */
  readonly surfaceUrl: string;
  /** The other projects of the installation. */
  readonly directory: ProjectDirectory;
  /** Reading needs no door; whoever writes goes through one of `acting.ts`. */
  readonly store: { readonly read: Reads };
  readonly sessionCache: SessionCache;
  readonly sessionUses: SessionUses;
  readonly liveLog: LiveLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly passwords: PasswordHasher;
  readonly passkeys: PasskeyVerifier;
  readonly vault: Vault;
  readonly signer: TokenSigner;
  readonly accessTokens: AccessTokenMemory;
  readonly limiter: Limiter;
  readonly files: FileStorage;
  readonly images: ImageEncoder;
  readonly providers: IdentityProviders;
  readonly conditions: Conditions;
  readonly projectKeys: ProjectKeyMemory;
  /** Null: nobody is asked to prove that they are a person. */
  readonly botChallenge: BotChallenge | null;
  /** Null: the operator has no list of them. */
  readonly breachedPasswords: BreachedPasswords | null;
}

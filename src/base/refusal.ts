/** What the core can refuse. A new code does not compile until every dialect's table has an answer for it. */
export type RefusalCode =
  | 'input_invalid'
  | 'not_signed_in'
  | 'session_expired'
  | 'session_not_fresh'
  | 'impersonated_session'
  | 'session_not_found'
  | 'session_is_current'
  | 'refresh_token_rejected'
  | 'cli_anonymous_rejected'
  | 'cli_login_not_found'
  | 'cli_no_anonymous_session'
  | 'polling_code_not_found'
  | 'access_token_malformed'
  | 'access_token_expired'
  | 'access_token_wrong_project'
  | 'project_not_found'
  | 'branch_not_found'
  | 'access_level_missing'
  | 'access_level_insufficient'
  | 'project_key_missing'
  | 'project_key_not_found'
  | 'internal_project_expected'
  | 'project_configured'
  | 'config_rejected'
  | 'project_key_rejected'
  | 'admin_token_rejected'
  | 'self_only'
  | 'csrf_failed'
  | 'return_url_untrusted'
  | 'too_many_requests'
  | 'busy'
  | 'unavailable'
  | 'method_disabled'
  | 'sign_up_disabled'
  | 'sign_up_rejected'
  | 'bot_challenge_required'
  | 'bot_challenge_failed'
  | 'field_not_allowed'
  | 'field_required'
  | 'metadata_too_large'
  | 'limit_reached'
  | 'nothing_to_change'
  | 'email_invalid'
  | 'email_taken'
  | 'email_unchanged'
  | 'email_not_found'
  | 'email_already_added'
  | 'email_not_primary'
  | 'email_required'
  | 'category_not_found'
  | 'restriction_required'
  | 'password_hash_unsupported'
  | 'email_already_verified'
  | 'email_change_disabled'
  | 'username_invalid'
  | 'username_too_short'
  | 'username_too_long'
  | 'username_taken'
  | 'username_immutable'
  | 'display_name_invalid'
  | 'bio_invalid'
  | 'image_invalid'
  | 'image_not_set'
  | 'image_unreadable'
  | 'file_too_large'
  | 'file_type_refused'
  | 'password_too_short'
  | 'password_too_long'
  | 'password_breached'
  | 'password_wrong'
  | 'password_not_set'
  | 'password_already_set'
  | 'password_unchanged'
  | 'credential_rejected'
  | 'email_not_verified'
  | 'user_banned'
  | 'user_deactivated'
  | 'user_restricted'
  | 'anonymous_not_accepted'
  | 'anonymous_already'
  | 'user_not_anonymous'
  | 'user_not_found'
  | 'user_deletion_disabled'
  | 'self_forbidden'
  | 'permission_denied'
  | 'last_administrator'
  | 'role_not_found'
  | 'second_factor_required'
  | 'second_factor_rejected'
  | 'pending_sign_in_not_found'
  | 'pending_sign_in_exhausted'
  | 'temporarily_locked'
  | 'totp_already_active'
  | 'totp_not_set_up'
  | 'second_factor_not_active'
  | 'backup_codes_exhausted'
  | 'mail_factor_not_set_up'
  | 'passkey_not_found'
  | 'passkey_rejected'
  | 'passkey_challenge_missing'
  | 'code_not_found'
  | 'code_expired'
  | 'code_used'
  | 'code_exhausted'
  | 'code_address_changed'
  | 'provider_not_found'
  | 'provider_scope_refused'
  | 'provider_denied'
  | 'provider_unavailable'
  | 'provider_code_rejected'
  | 'provider_profile_unusable'
  | 'provider_email_missing'
  | 'provider_email_unverified'
  | 'provider_token_rejected'
  | 'provider_token_unavailable'
  | 'provider_refresh_unsupported'
  | 'provider_rejected_refresh'
  | 'flow_not_found'
  | 'provider_scope_missing'
  | 'client_rejected'
  | 'grant_rejected'
  | 'redirect_uri_rejected'
  | 'flow_in_progress'
  | 'sign_up_continuation_lost'
  | 'sign_up_other_browser'
  | 'identity_taken'
  | 'identity_of_provider_exists'
  | 'identity_not_found'
  | 'identity_last_method'
  | 'identity_address_differs'
  | 'identity_not_linkable'
  | 'impersonation_forbidden'
  | 'not_impersonating'
  | 'api_keys_disabled'
  | 'api_key_not_found'
  | 'api_key_setting_invalid'
  | 'api_key_server_only'
  | 'api_key_rejected'
  | 'api_key_disabled'
  | 'api_key_expired'
  | 'api_key_exhausted'
  | 'api_key_rate_limited'
  | 'api_key_cannot_act'
  | 'organization_creation_disabled'
  | 'organization_limit_reached'
  | 'slug_taken'
  | 'organization_deletion_disabled'
  | 'organization_not_found'
  | 'organization_required'
  | 'not_a_member'
  | 'organization_permission_denied'
  | 'member_not_found'
  | 'role_not_grantable'
  | 'organization_needs_owner'
  | 'already_a_member'
  | 'membership_limit_reached'
  | 'already_invited'
  | 'invitation_limit_reached'
  | 'invitation_not_found'
  | 'invitation_not_yours'
  | 'invitation_needs_verified_email'
  | 'inviter_left'
  | 'teams_disabled'
  | 'team_not_found'
  | 'team_required'
  | 'not_a_team_member'
  | 'team_is_last'
  | 'team_is_active'
  | 'dynamic_roles_disabled'
  | 'role_key_taken'
  | 'role_built_in'
  | 'role_held'
  | 'role_limit_reached'
  | 'permission_unknown'
  | 'permission_not_granted'
  | 'api_key_wrong_owner'
  | 'api_key_public';

/** What a wire needs to word its answer. Only `why` and `person` stay inside: they go to the log and to events. */
export interface RefusalDetail {
  readonly why?: string;
  /** Whose account it was, where somebody tried to come in. For the log as well. */
  readonly person?: string;
  /** The input that was refused, as core names it. */
  readonly field?: string;
  readonly retryAfterSeconds?: number;
  readonly retryAfterMs?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** The provider's own error code, when it refused (RFC 6749 §4.1.2.1). */
  readonly providerError?: string;
  /** What it said about it. Text of a stranger. */
  readonly providerErrorDescription?: string;
  readonly banReason?: string | null;
  /** What a token said that is over or of another project. Times in milliseconds. */
  readonly token?: {
    readonly expiredAt: number;
    readonly projectId: string;
    readonly userId: string;
    readonly sessionId: string;
  };
  /** What the request named, where the answer repeats it. */
  readonly given?: string;
  /** Whoever has the address did not prove it yet. */
  readonly holderUnverified?: boolean;
  /** What would have been accepted. */
  readonly allowed?: readonly string[];
  /** What a second attempt has to show: the handle of the unfinished sign-in. */
  readonly attempt?: string;
  /** Who may not do what where. */
  readonly permission?: string;
  readonly userId?: string;
  readonly organizationId?: string;
  /** Permissions the actor lacks, as core names them. */
  readonly missing?: readonly string[];
}

/** An expected no. Faults are ordinary errors. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly detail: RefusalDetail;

  constructor(code: RefusalCode, detail: RefusalDetail = {}) {
    super(code);
    this.name = 'Refusal';
    this.code = code;
    this.detail = detail;
  }
}

/** A refusal as a value: what a transaction returns so that what it wrote is kept (core map M3). */
export const refuse = (code: RefusalCode, detail?: RefusalDetail): Refusal => new Refusal(code, detail);

/** A refusal that was thrown, as a value; faults pass through. */
export const asOutcome = <T>(work: Promise<T>): Promise<T | Refusal> =>
  work.catch((fault: unknown) => {
    if (fault instanceof Refusal) return fault;
    throw fault;
  });

/** Throws the refusal that a committed transaction returned; anything else passes through. */
export function settle<T>(outcome: T | Refusal): T {
  if (outcome instanceof Refusal) throw outcome;
  return outcome;
}

/** A backup that cannot be taken or is not restored. `message` says what is wrong, why, and what to do. */
export class BackupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackupError';
  }
}

/** Bytes of a backup are not those that were written. */
export const damagedBackup = (what: string, cause?: unknown): BackupError =>
  new BackupError(
    `The backup is damaged: ${what} is not as it was written; bytes were changed or lost. Use another copy of it.`,
    { cause },
  );

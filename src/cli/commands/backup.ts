import { backUp } from '../../back-up.ts';
import { intoNewFile } from '../../store/backup/new-backup-file.ts';
import type { BackupSummary } from '../../store/backup/write-backup.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { installedHere, partRows, untilStopped } from '../installed.ts';
import { note, print } from '../terminal.ts';

export async function backup(file: string, options: { readonly force?: boolean }): Promise<void> {
  const installed = installedHere();
  if (file === '-') return toStandardOutput();
  const summary = await untilStopped((signal) =>
    intoNewFile(file, { replace: options.force === true, random: installed.random }, (sink) =>
      backUp({ ...installed, signal }, sink),
    ),
  );
  print(`Wrote ${file}: ${partRows(summary)}`);
  warn(summary);
}

async function toStandardOutput(): Promise<void> {
  if (process.stdout.isTTY) {
    throw new CommandFailure(
      'A backup is no text. Send it into a pipe or a file, or give the name of a file.',
      exitCodes.usage,
    );
  }
  // A reader that goes away ends the process: it has not got all of it.
  process.exitCode = exitCodes.failed;
  const summary = await untilStopped((signal) => backUp({ ...installedHere(), signal }, process.stdout));
  process.exitCode = exitCodes.done;
  warn(summary);
}

function warn({ header, closing: { filesMissing, filesDamaged } }: BackupSummary): void {
  if (filesMissing > 0)
    note(
      `${filesMissing} stored files were not there and are not in the backup. Those that nobody shows any more are deleted while the server runs; if there are many, look whether DATA_DIR is right.`,
    );
  if (filesDamaged > 0)
    note(
      `${filesDamaged} stored files are damaged on this disk and are not in the backup. Take them from an older backup.`,
    );
  note(
    header.secrets === null
      ? 'No SECRET is configured here, so a restore cannot tell whether it has the right one.'
      : 'SECRET is not in the backup. Keep it elsewhere: without it, second factors, provider tokens and signing keys cannot be opened.',
  );
}

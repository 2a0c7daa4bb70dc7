import { offerFirstAdmin } from '../../core/projects/first-admin.ts';
import { CommandFailure } from '../failure.ts';
import { note, print } from '../terminal.ts';
import { withProject } from '../with-project.ts';

export async function adminLink(): Promise<void> {
  const link = await withProject('default', offerFirstAdmin);
  if (link === null) {
    throw new CommandFailure(
      'There is an administrator already. Others are made with `latchkey user create --role admin` or ' +
        '`latchkey user set-role <address> admin`.',
    );
  }
  print(link);
  note('It works once, for half an hour. The server has to run when you open it.');
}

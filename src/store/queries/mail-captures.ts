import type { Selectable } from 'kysely';
import type { CapturedMail, MailCaptureReads, MailCaptureWrites } from '../../core/jobs/job.ts';
import type { MailCaptureRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';

/** Of one project, or of all. */
export function mailCaptureReads({
  db,
  projectId,
}: Pick<ReadScope, 'db'> & { readonly projectId: string | null }): MailCaptureReads {
  const all = () => db.selectFrom('mail_capture').selectAll();
  const mails = () => (projectId === null ? all() : all().where('project_id', '=', projectId));
  return {
    async list({ to, limit }) {
      let page = mails().orderBy('id', 'desc').limit(limit);
      if (to !== undefined) page = page.where('to_address', '=', to);
      return (await page.execute()).map(mailFrom);
    },
    async find(id) {
      const row = await mails().where('id', '=', id).executeTakeFirst();
      return row ? mailFrom(row) : null;
    },
  };
}

export const mailCaptureWrites = ({ db, projectId }: WriteScope): MailCaptureWrites => ({
  async insert(mail) {
    await db
      .insertInto('mail_capture')
      .values({
        project_id: projectId,
        id: mail.id,
        to_address: mail.to,
        from_address: mail.from,
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        links: JSON.stringify(mail.links),
        created_at: mail.createdAt,
        updated_at: mail.createdAt,
      })
      .execute();
  },
});

const mailFrom = (row: Selectable<MailCaptureRow>): CapturedMail => ({
  id: row.id,
  to: row.to_address,
  from: row.from_address,
  subject: row.subject,
  text: row.text,
  html: row.html,
  links: JSON.parse(row.links) as string[],
  createdAt: row.created_at,
});

/// <reference lib="dom" />
// An ordinary application of the Better Auth client. The one line that knows of Latchkey is `baseURL`.
import { createAuthClient } from 'better-auth/client';

declare const LATCHKEY_URL: string;
const auth = createAuthClient({ baseURL: `${LATCHKEY_URL}/better-auth/api/auth` });

const find = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const say = (text: string): void => {
  find('message').textContent = text;
};

async function show(): Promise<void> {
  const { data } = await auth.getSession();
  find('signed-in').hidden = !data;
  find('signed-out').hidden = Boolean(data);
  if (!data) return;
  find('who').textContent = data.user.email;
  find('session').textContent = JSON.stringify(data, null, 2);
}

find<HTMLFormElement>('credentials').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = new FormData(event.target as HTMLFormElement);
  const email = String(form.get('email'));
  const password = String(form.get('password'));
  const asked = (event as SubmitEvent).submitter as HTMLButtonElement;
  const { error } =
    asked.value === 'up'
      ? await auth.signUp.email({ email, password, name: String(form.get('name')), callbackURL: location.href })
      : asked.value === 'forgot'
        ? await auth.requestPasswordReset({ email })
        : await auth.signIn.email({ email, password });
  say(
    error
      ? `${error.message} (${error.code})`
      : asked.value === 'forgot'
        ? 'If the address is known, mail is on its way.'
        : '',
  );
  await show();
});

find('sign-out').addEventListener('click', async () => {
  await auth.signOut();
  await show();
});

find('verify').addEventListener('click', async () => {
  const { data } = await auth.getSession();
  const { error } = await auth.sendVerificationEmail({ email: data!.user.email, callbackURL: location.href });
  say(error ? String(error.message) : 'Mail is on its way.');
});

await show();

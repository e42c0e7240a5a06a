import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'react-aria-components';
import { Live, useLive } from './api/live.js';
import { AccountPage } from './calendars/account-page.js';
import { CalendarsPage } from './calendars/calendars-page.js';
import { GoTo, Press } from './controls/buttons.js';
import { Badge } from './controls/status-badge.js';
import { Page } from './controls/page.js';
import { MailboxPage } from './mailboxes/mailbox-page.js';
import { MailboxesPage } from './mailboxes/mailboxes-page.js';
import { usePlace } from './routing/location.js';
import { isFramed } from './session/session.js';
import type { Settings } from './session/settings.js';
import { SignIn } from './session/sign-in.js';
import { useMay, useSession, useSessionState } from './session/use-session.js';
import type { Draft } from './setup/draft.js';
import { SetupPage } from './setup/setup-page.js';
import { texts } from './texts/texts.js';

export function App({ settings }: { settings: Settings }) {
  const session = useSession();
  const state = useSessionState();
  const queries = useQueryClient();
  const signedIn = state.kind === 'signed-in';
  useEffect(() => {
    if (!signedIn) queries.clear();
  }, [signedIn, queries]);
  useEffect(() => {
    const watching = new ResizeObserver(() => session.tellHeight(document.documentElement.scrollHeight));
    watching.observe(document.body);
    return () => watching.disconnect();
  }, [session]);
  if (!signedIn) return <SignIn development={settings.development} />;
  return (
    <Live>
      <Shell key={`${state.claims.tenant} ${state.claims.user}`} settings={settings} />
    </Live>
  );
}

function Shell({ settings }: { settings: Settings }) {
  const session = useSession();
  const live = useLive();
  const place = usePlace();
  const maySee = useMay('system_settings:read');
  // What was entered in the setup outlives a look at another page, but not the tab.
  const [draft, setDraft] = useState<Draft | null>(null);
  const [area = ''] = place.split('/');
  const framed = isFramed();
  const areas = [...(maySee ? (['setup', 'mailboxes'] as const) : []), 'calendars' as const];
  return (
    <>
      <a className="to-content" href="#content">
        {texts.skip}
      </a>
      <header className="top">
        {framed ? null : <span className="brand">{texts.title}</span>}
        <nav aria-label={texts.nav.label}>
          {areas.map((name) => (
            <Link
              key={name}
              href={name}
              className="tab"
              {...((area || areas[0]) === name ? { 'aria-current': 'page' as const } : {})}
            >
              {texts.nav[name]}
            </Link>
          ))}
        </nav>
        <span className="top-end">
          {settings.development ? <Badge tone="note">{texts.development}</Badge> : null}
          {framed ? null : (
            <Press look="quiet" onPress={() => session.signOut({ ended: false })}>
              {texts.signOut}
            </Press>
          )}
        </span>
      </header>
      <main id="content" tabIndex={-1}>
        {live ? null : (
          <p className="advice" role="status">
            {texts.notLive}
          </p>
        )}
        <Place key={place} place={place || areas[0]!} draft={draft} setDraft={setDraft} />
      </main>
    </>
  );
}

interface PlaceProps {
  place: string;
  draft: Draft | null;
  setDraft: React.Dispatch<React.SetStateAction<Draft | null>>;
}

function Place({ place, draft, setDraft }: PlaceProps) {
  const [area, id, ...more] = place.split('/');
  if (more.length === 0) {
    if (area === 'setup' && !id) return <SetupPage draft={draft} onDraft={setDraft} />;
    if (area === 'mailboxes') return id ? <MailboxPage id={id} /> : <MailboxesPage />;
    if (area === 'calendars') return id ? <AccountPage id={id} /> : <CalendarsPage />;
  }
  return (
    <Page title={texts.nowhere.title}>
      <GoTo to="mailboxes">{texts.nowhere.back}</GoTo>
    </Page>
  );
}

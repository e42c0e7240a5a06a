import { useEffect, useRef, useState } from 'react';
import type { Problem } from '../api/answers.js';
import { ApiProblem, useApi } from '../api/api.js';
import type { ProviderKind } from '../api/queries.js';
import { texts } from '../texts/texts.js';

export type Connecting =
  | { phase: 'idle' }
  | { phase: 'starting' }
  | { phase: 'open' }
  | { phase: 'blocked'; authUrl: string }
  | { phase: 'closed' }
  | { phase: 'refused'; problem: Problem };

interface Initiated {
  authUrl: string;
}

interface Ended {
  type: 'oauth-callback';
  success: boolean;
  error?: string;
  errorDescription?: string;
  data: { providerId: string | null };
}

const lookEveryMs = 400;
/** The last word of a window may arrive just after it closed. */
const graceMs = 600;

/** Google's consent in a window of its own. However it ends, whoever pressed the button can press it again. */
export function useConnecting(kind: ProviderKind, providerId: string) {
  const api = useApi();
  const [connecting, setConnecting] = useState<Connecting>({ phase: 'idle' });
  const popup = useRef<Window | null>(null);
  const awaits = connecting.phase === 'open' || connecting.phase === 'blocked';

  useEffect(() => {
    if (!awaits) return;
    const heard = ({ origin, data }: MessageEvent<unknown>): void => {
      if (origin !== location.origin || !isEnd(data) || data.data.providerId !== providerId) return;
      popup.current = null;
      setConnecting(data.success ? { phase: 'idle' } : { phase: 'refused', problem: problemOf(data) });
    };
    addEventListener('message', heard);
    let closedAt: number | null = null;
    const looking = setInterval(() => {
      if (!popup.current?.closed) return;
      closedAt ??= Date.now();
      if (Date.now() - closedAt < graceMs) return;
      popup.current = null;
      setConnecting({ phase: 'closed' });
    }, lookEveryMs);
    return () => {
      removeEventListener('message', heard);
      clearInterval(looking);
    };
  }, [awaits, providerId]);

  const connect = async (): Promise<void> => {
    // Opened at once: a browser allows it only as the direct answer to a press.
    const opened = window.open('', `google-${providerId}`, 'popup,width=600,height=760');
    if (opened) opened.document.body.textContent = texts.connecting.popupTitle;
    popup.current = opened;
    setConnecting({ phase: 'starting' });
    try {
      const { authUrl } = await api.call<Initiated>('POST', `/api/${kind}/oauth/initiate`, {
        provider: 'google',
        providerId,
      });
      if (opened && !opened.closed) {
        opened.location.replace(authUrl);
        setConnecting({ phase: 'open' });
      } else if (opened) setConnecting({ phase: 'closed' });
      else setConnecting({ phase: 'blocked', authUrl });
    } catch (error) {
      opened?.close();
      popup.current = null;
      setConnecting({
        phase: 'refused',
        problem: error instanceof ApiProblem ? error : new ApiProblem(0, {}),
      });
    }
  };

  return {
    connecting,
    connect,
    /** Brings the window to the front. */
    show: () => popup.current?.focus(),
    giveUp: () => {
      popup.current?.close();
      popup.current = null;
      setConnecting({ phase: 'idle' });
    },
  };
}

export type Connector = ReturnType<typeof useConnecting>;

const isEnd = (data: unknown): data is Ended =>
  typeof data === 'object' &&
  data !== null &&
  (data as Ended).type === 'oauth-callback' &&
  typeof (data as Ended).success === 'boolean' &&
  typeof (data as Ended).data === 'object';

/** The status tells it in full a moment later; until then, in the words of the window. */
const problemOf = ({ error, errorDescription }: Ended): Problem => ({
  code: error ?? 'console.refused',
  sentence: errorDescription ?? texts.connecting.refused,
  remedy: texts.connecting.again,
  actor: 'mailbox-owner',
  link: null,
});

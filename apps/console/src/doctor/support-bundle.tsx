import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem, useApi } from '../api/api.js';
import { Press } from '../controls/buttons.js';
import { DialogWindow } from '../controls/confirm.js';
import { CopyButton } from '../controls/copy-value.js';
import { Loading } from '../controls/page.js';
import { ProblemText } from '../controls/problem-text.js';
import { texts } from '../texts/texts.js';

const words = texts.doctor.bundle;

/** What a support desk needs, shown before it is given to anybody. */
export function SupportBundle() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Press look="quiet" onPress={() => setOpen(true)}>
        {words.button}
      </Press>
      {open ? (
        <DialogWindow title={words.title} isOpen onClose={() => setOpen(false)}>
          <Content />
          <div className="dialog-actions">
            <Press onPress={() => setOpen(false)}>{texts.close}</Press>
          </div>
        </DialogWindow>
      ) : null}
    </>
  );
}

function Content() {
  const api = useApi();
  const { data, error } = useQuery({
    queryKey: ['support-bundle'],
    queryFn: () => api.call('POST', '/api/google/support-bundle'),
    meta: { askedOfGoogle: true },
    gcTime: 0,
    refetchInterval: false,
  });
  if (error) return <ProblemText problem={error instanceof ApiProblem ? error : new ApiProblem(0, {})} />;
  if (!data) return <Loading />;
  const text = JSON.stringify(data, null, 2);
  return (
    <>
      <p>{words.text}</p>
      <pre className="bundle" tabIndex={0} aria-label={words.title}>
        {text}
      </pre>
      <CopyButton label={words.title} value={text} />
    </>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ParkedMessage } from '../api/answers.js';
import { ApiProblem, useApi } from '../api/api.js';
import { parkedQuery, useCommand } from '../api/queries.js';
import { Press } from '../controls/buttons.js';
import { ProblemText } from '../controls/problem-text.js';
import { When } from '../controls/when.js';
import { texts } from '../texts/texts.js';

const words = texts.parked;

export function ParkedMessages({ mailboxId, mayChange }: { mailboxId: string; mayChange: boolean }) {
  const api = useApi();
  const command = useCommand<{ delivered: boolean }>();
  const [said, setSaid] = useState('');
  const { data: parked, error } = useQuery(parkedQuery(api, mailboxId));
  const retry = ({ gmailId }: ParkedMessage): void => {
    setSaid('');
    command.mutate(
      { method: 'POST', path: `/api/email/providers/${mailboxId}/parked-messages/${gmailId}/retry` },
      { onSuccess: ({ delivered }) => setSaid(delivered ? words.delivered : words.still) },
    );
  };
  if (error instanceof ApiProblem) return <ProblemText problem={error} />;
  return (
    <>
      <p className="description">
        {parked && parked.length > 0 ? words.lead : parked ? words.none : texts.loading}
      </p>
      <p role="status" className="said">
        {said}
      </p>
      {command.error instanceof ApiProblem ? <ProblemText problem={command.error} /> : null}
      <ul className="parked">
        {(parked ?? []).map((message) => (
          <li key={message.gmailId}>
            <div>
              <p>{message.reason}</p>
              <p className="description">
                <code>{message.gmailId}</code> · <When at={message.parkedAt} /> ·{' '}
                {words.attempts(message.attempts)}
                {message.nextAttemptAt ? (
                  <>
                    {' '}
                    · <When at={message.nextAttemptAt} say={words.next} />
                  </>
                ) : null}
              </p>
            </div>
            {mayChange ? (
              <Press
                aria-label={words.retryOf(message.gmailId)}
                isPending={command.isPending}
                onPress={() => retry(message)}
              >
                {words.retry}
              </Press>
            ) : null}
          </li>
        ))}
      </ul>
    </>
  );
}

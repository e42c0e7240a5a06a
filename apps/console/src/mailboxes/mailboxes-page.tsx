import { useQuery } from '@tanstack/react-query';
import { ApiProblem, useApi } from '../api/api.js';
import { mailboxesQuery } from '../api/queries.js';
import { ProviderCard, ProviderList } from '../providers/provider-list.js';
import { useMay } from '../session/use-session.js';
import { Forbidden } from '../setup/setup-page.js';
import { MailboxForm } from './mailbox-form.js';

export function MailboxesPage() {
  const api = useApi();
  const mayAdd = useMay('system_settings:create');
  const { data: mailboxes, error } = useQuery(mailboxesQuery(api));
  if (error instanceof ApiProblem && error.status === 403) return <Forbidden />;
  return (
    <ProviderList
      list="mailboxes"
      product="gmail"
      providers={mailboxes}
      error={error}
      mayAdd={mayAdd}
      card={(mailbox) => (
        <ProviderCard
          to={`mailboxes/${mailbox.id}`}
          provider={mailbox}
          address={mailbox.mailbox}
          below={(mailbox.problem ?? mailbox.notices[0])?.sentence}
        />
      )}
      form={(onClose) => <MailboxForm mailbox={null} onClose={onClose} />}
    />
  );
}

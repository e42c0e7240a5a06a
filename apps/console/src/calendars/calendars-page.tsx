import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api.js';
import { calendarsQuery } from '../api/queries.js';
import { ProviderCard, ProviderList } from '../providers/provider-list.js';
import { useUser } from '../session/use-session.js';
import { texts } from '../texts/texts.js';
import { AccountForm } from './account-form.js';

export function CalendarsPage() {
  const api = useApi();
  const user = useUser();
  const { data: providers, error } = useQuery(calendarsQuery(api));
  return (
    <ProviderList
      list="calendars"
      product="calendar"
      providers={providers}
      error={error}
      mayAdd
      card={(provider) => (
        <ProviderCard
          to={`calendars/${provider.id}`}
          provider={provider}
          address={
            provider.userId === user
              ? provider.account
              : `${provider.account} · ${texts.calendars.owner(provider.userId)}`
          }
          below={provider.problem?.sentence ?? provider.calendars.map(({ summary }) => summary).join(', ')}
        />
      )}
      form={(onClose) => <AccountForm provider={null} onClose={onClose} />}
    />
  );
}

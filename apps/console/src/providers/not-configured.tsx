import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api.js';
import { setupQuery } from '../api/queries.js';
import { GoTo } from '../controls/buttons.js';
import { Empty } from '../controls/page.js';
import { useMay } from '../session/use-session.js';
import { texts } from '../texts/texts.js';

/** Whether anything can be connected. Null while it is not known: nothing may flash. */
export function useConfigured(product: 'gmail' | 'calendar'): boolean | null {
  const api = useApi();
  const maySee = useMay('system_settings:read');
  const { data } = useQuery({ ...setupQuery(api), enabled: maySee });
  // Whoever may not see the setup learns it from the refusal.
  return maySee ? (data?.[product].configured ?? null) : true;
}

export function NotConfigured() {
  const mayUpdate = useMay('system_settings:update');
  return (
    <Empty title={texts.notConfigured.title}>
      <p>{texts.notConfigured.text}</p>
      {mayUpdate ? (
        <GoTo to="setup" look="primary">
          {texts.notConfigured.go}
        </GoTo>
      ) : (
        <p>{texts.notConfigured.askAdmin}</p>
      )}
    </Empty>
  );
}

export function SetupIncomplete() {
  return (
    <div className="problem note">
      <p className="problem-sentence">{texts.notConfigured.incomplete}</p>
      <div className="problem-actions">
        <GoTo to="setup">{texts.notConfigured.go}</GoTo>
      </div>
    </div>
  );
}

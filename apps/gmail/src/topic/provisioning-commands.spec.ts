import { provisioningCommands } from './provisioning-commands.js';

const wanted = {
  projectId: 'acme',
  tenantId: 't1',
  endpoint: 'https://psa.example.com/api/email/webhooks/google',
  serviceAccountEmail: 'push@acme.iam.gserviceaccount.com',
};

describe('the commands for provisioning by hand', () => {
  it('make the topic, the publisher grant and the push subscription under the expected names', () => {
    expect(provisioningCommands(wanted)).toEqual([
      'gcloud services enable gmail.googleapis.com pubsub.googleapis.com --project=acme',
      'gcloud pubsub topics create gmail-notifications-t1 --project=acme',
      'gcloud pubsub topics add-iam-policy-binding gmail-notifications-t1 --member=serviceAccount:gmail-api-push@system.gserviceaccount.com --role=roles/pubsub.publisher --project=acme',
      'gcloud pubsub subscriptions create gmail-webhook-t1 --topic=gmail-notifications-t1 --push-endpoint=https://psa.example.com/api/email/webhooks/google --push-auth-service-account=push@acme.iam.gserviceaccount.com --push-auth-token-audience=https://psa.example.com/api/email/webhooks/google --ack-deadline=60 --expiration-period=never --message-retention-duration=7d --min-retry-delay=10s --max-retry-delay=600s --project=acme',
    ]);
  });

  it('make the signing account too where none was given', () => {
    const commands = provisioningCommands({
      ...wanted,
      serviceAccountEmail: 'gmail-push@acme.iam.gserviceaccount.com',
    });
    expect(commands[1]).toBe(
      "gcloud iam service-accounts create gmail-push --display-name='Signs Gmail notifications' --project=acme",
    );
  });

  it('hand every value to the shell as one word', () => {
    const commands = provisioningCommands({ ...wanted, tenantId: "t1'; rm -rf ~" });
    expect(commands[1]).toBe(
      "gcloud pubsub topics create 'gmail-notifications-t1'\\''; rm -rf ~' --project=acme",
    );
  });
});

import { clientFor, nodeNamedBy } from './connection-string.js';

const faultOf = (connectionString: string): string => {
  try {
    clientFor(connectionString);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

it.each([
  'esdb://localhost:2113?tls=false',
  'esdb://admin:changeit@a.example.com:2113,b.example.com:2113?tls=true',
  'esdb+discover://cluster.example.com',
  'kurrentdb://admin:changeit@localhost:2113?tls=false',
  'kurrentdb+discover://cluster.example.com',
])('takes %s', (connectionString) => {
  expect(faultOf(connectionString)).toBe('none');
});

it('names what is wrong, and never repeats the password', () => {
  expect(faultOf('postgresql://admin:canary@localhost')).toContain('has to begin with esdb://');
  const faults = [
    faultOf('esdb://admin:canary@localhost:port'),
    faultOf('esdb://admin:canary@localhost:2113?tls=perhaps'),
    faultOf('esdb://admin:canary@localhost:2113?tlsCAFile=/nowhere/ca.pem'),
  ];
  expect(faults[0]).toContain('port number was expected');
  expect(faults[1]).toContain('true or false was expected');
  expect(faults[2]).toContain('certificate file');
  expect(faults.join()).not.toContain('canary');
});

it('names the node without the credentials', () => {
  expect(nodeNamedBy('esdb://admin:canary@events.example.com:2113?tls=true')).toBe('events.example.com:2113');
  expect(nodeNamedBy('kurrentdb://a:2113,b:2113')).toBe('a:2113,b:2113');
});

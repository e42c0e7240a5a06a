import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

/** Signs like Google and publishes its keys like Google, for specs: the simulator has no second key. */
export class GoogleSigner {
  private readonly published: SigningKey[] = [];
  fetches = 0;
  private constructor(private readonly server: Server) {}

  static async start(): Promise<GoogleSigner> {
    const server = createServer((_, response) => {
      signer.fetches++;
      void signer
        .certificates()
        .then((body) =>
          response
            .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'public, max-age=21600' })
            .end(body),
        );
    });
    const signer = new GoogleSigner(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await signer.addKey('first');
    return signer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async addKey(kid: string): Promise<void> {
    this.published.push({ kid, ...(await generateKeyPair('RS256', { extractable: true })) });
  }

  /** A key that Google never published, under any name. */
  static strangersKey = async (): Promise<CryptoKey> => (await generateKeyPair('RS256')).privateKey;

  sign(claims: JWTPayload, { kid, key }: { kid?: string; key?: CryptoKey } = {}): Promise<string> {
    const own = kid ? this.published.find((one) => one.kid === kid)! : this.published.at(-1)!;
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: own.kid }).sign(key ?? own.privateKey);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async certificates(): Promise<string> {
    const keys = await Promise.all(
      this.published.map(async ({ kid, publicKey }) => ({
        ...(await exportJWK(publicKey)),
        kid,
        alg: 'RS256',
        use: 'sig',
      })),
    );
    return JSON.stringify({ keys });
  }
}

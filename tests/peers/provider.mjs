// What the authorization server is set up as: which clients, which resource
// server, which lifetimes.

import { generateKeyPairSync, randomBytes } from 'node:crypto';

import { Provider } from 'oidc-provider';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const ALGORITHM = 'ES256';

/** The one end user. Its password is whatever is typed. */
export const ACCOUNT = 'jane.doe';

/** The resource server's indicator (RFC 8707), and so the audience of its access tokens. */
export const RESOURCE = 'urn:example:api';

/** What a client asks for, besides `offline_access`. The resource server knows `api` alone. */
export const SCOPES = ['openid', 'api'];

const CLIENT = {
  // A native client's refresh tokens get a new lifetime at each rotation.
  application_type: 'native',
  grant_types: [DEVICE_CODE, 'refresh_token'],
  response_types: [],
  redirect_uris: [],
  id_token_signed_response_alg: ALGORITHM,
};

export const PUBLIC_CLIENT = {
  ...CLIENT,
  client_id: 'peers-public',
  token_endpoint_auth_method: 'none',
};

export const CONFIDENTIAL_CLIENT = {
  ...CLIENT,
  client_id: 'peers-confidential',
  // Characters that RFC 6749 §2.3.1 has form-encoded before Basic.
  client_secret: 'peers secret: 100% +/=',
  token_endpoint_auth_method: 'client_secret_basic',
};

const RESOURCE_SERVER = {
  scope: 'api',
  audience: RESOURCE,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: ALGORITHM } },
};

const HOUR = 60 * 60; // seconds
const DAY = 24 * HOUR;

/** An oidc-provider whose access tokens for RESOURCE live `accessTokenLifetime` seconds. */
export function makeProvider(issuer, accessTokenLifetime) {
  return new Provider(issuer, {
    clients: [PUBLIC_CLIENT, CONFIDENTIAL_CLIENT],
    scopes: ['openid', 'offline_access', 'api'],
    findAccount: (_, id) => (id === ACCOUNT ? { accountId: id, claims: () => ({ sub: id }) } : undefined),
    rotateRefreshToken: true,
    ttl: {
      // A token request without the resource parameter gets an opaque access
      // token of another lifetime, so that a test notices the omission.
      AccessToken: (_, token) => token.resourceServer?.accessTokenTTL ?? HOUR,
      DeviceCode: 600,
      Grant: DAY,
      IdToken: HOUR,
      Interaction: HOUR,
      RefreshToken: DAY,
      Session: DAY,
    },
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    features: {
      deviceFlow: { enabled: true },
      devInteractions: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_, client, token) => token.clientId === client.clientId,
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({ ...RESOURCE_SERVER, accessTokenTTL: accessTokenLifetime }),
      },
    },
  });
}

/** A key of this process alone: no secret stands in the source. */
function signingKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), alg: ALGORITHM, use: 'sig', kid: 'peers' };
}

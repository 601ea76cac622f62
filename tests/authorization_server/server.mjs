// A strict OpenID provider (oidc-provider) that speaks SMART App Launch, in front of a FHIR server.
//
// Started by tests/lib/authorization_server.py with its settings as JSON in the first argument:
// {port, base, cert, key, upstream, clientId, redirectUri, patient, lifetime, log}.
// Every launch is agreed to at once; tokens are opaque and looked at before a FHIR request passes.
import { createServer } from 'node:https';
import { request as ask } from 'node:http';
import { readFileSync, appendFileSync } from 'node:fs';
import Provider from 'oidc-provider';

const settings = JSON.parse(process.argv[2]);
const SCOPES = ['openid', 'fhirUser', 'launch', 'launch/patient', 'online_access', 'offline_access'];
const RESOURCES = /^patient\/[A-Za-z]+\.(rs|read)$/;
const patients = new Map(Object.entries(settings.launches));
const note = (what) => appendFileSync(settings.log, `${JSON.stringify(what)}\n`);

const provider = new Provider(settings.base, {
  clients: [{
    client_id: settings.clientId,
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES384',
    jwks: settings.jwks,
    redirect_uris: [settings.redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    id_token_signed_response_alg: 'RS256',
  }],
  scopes: [...SCOPES, ...settings.scopes],
  claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
  conformIdTokenClaims: false,
  extraParams: ['launch', 'aud'],
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  features: { devInteractions: { enabled: false }, revocation: { enabled: true }, resourceIndicators: { enabled: false } },
  ttl: { AccessToken: settings.lifetime, RefreshToken: 3600, Grant: 3600, Session: 3600, Interaction: 600, IdToken: 300, AuthorizationCode: 60 },
  cookies: { keys: ['tests only'], long: { sameSite: 'none', secure: true, httpOnly: true }, short: { sameSite: 'none', secure: true, httpOnly: true } },
  enabledJWA: {
    clientAuthSigningAlgValues: ['ES384', 'RS384'],
    idTokenSigningAlgValues: ['RS256'],
  },
  findAccount: async (_ctx, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, fhirUser: 'Practitioner/dr-strict' }),
  }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  async loadExistingGrant(ctx) {
    const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    const wanted = ctx.oidc.params.scope.split(' ').filter((one) => SCOPES.includes(one) || RESOURCES.test(one));
    grant.addOIDCScope(wanted.join(' '));
    grant.addOIDCClaims(['fhirUser']);
    await grant.save();
    return grant;
  },
});
provider.proxy = true;

// The launch a grant belongs to, so that the token answer can name its patient.
const launchOf = new Map();
provider.on('authorization.success', (ctx) => {
  launchOf.set(ctx.oidc.entities.Grant?.jti ?? ctx.oidc.session.grantIdFor(settings.clientId), ctx.oidc.params.launch);
});

provider.use(async (ctx, next) => {
  if (ctx.path === '/auth' && ctx.query.aud !== `${settings.base}/fhir`) {
    ctx.status = 400;
    ctx.body = 'aud is not this server';
    return;
  }
  await next();
  if (ctx.path === '/token' && ctx.status === 200) {
    const grant = ctx.oidc?.entities?.Grant?.jti;
    const patient = patients.get(launchOf.get(grant));
    ctx.body = { ...ctx.body, patient, need_patient_banner: true };
    note({ token: ctx.oidc.params.grant_type, patient });
  }
  if (ctx.path === '/token' && ctx.status !== 200) note({ refused: ctx.body?.error, why: ctx.body?.error_description });
});
provider.on('revocation_endpoint.error', (_ctx, error) => note({ revocation: error.message }));
provider.on('access_token.destroyed', () => note({ revoked: 'access_token' }));
provider.on('grant.revoked', () => note({ revoked: 'grant' }));
provider.on('server_error', (_ctx, error) => note({ error: error.stack }));

const oidc = provider.callback();

async function agree(request, response) {
  const { prompt } = await provider.interactionDetails(request, response);
  const result = prompt.name === 'login' ? { login: { accountId: 'dr-strict' } } : { consent: {} };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

async function fhir(request, response) {
  if (request.url === '/fhir/.well-known/smart-configuration') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({
      issuer: settings.base,
      jwks_uri: `${settings.base}/jwks`,
      authorization_endpoint: `${settings.base}/auth`,
      token_endpoint: `${settings.base}/token`,
      revocation_endpoint: `${settings.base}/token/revocation`,
      grant_types_supported: ['authorization_code'],
      code_challenge_methods_supported: ['S256'],
      capabilities: ['launch-ehr', 'client-confidential-asymmetric', 'context-ehr-patient', 'sso-openid-connect', 'permission-v2'],
    }));
    return;
  }
  const value = (request.headers.authorization ?? '').replace(/^Bearer /, '');
  const token = value ? await provider.AccessToken.find(value) : undefined;
  if (request.url !== '/fhir/metadata' && (!token || token.isExpired)) {
    note({ unauthorized: true });
    response.writeHead(401, { 'www-authenticate': 'Bearer' });
    response.end();
    return;
  }
  const upstream = new URL(settings.upstream);
  const headers = { ...request.headers, host: upstream.host };
  delete headers.authorization;
  const asked = ask({ host: upstream.hostname, port: upstream.port, path: request.url, method: request.method, headers }, (answer) => {
    const chunks = [];
    answer.on('data', (chunk) => chunks.push(chunk));
    answer.on('end', () => {
      const text = Buffer.concat(chunks).toString().replaceAll(settings.upstream, `${settings.base}/fhir`);
      response.writeHead(answer.statusCode, { 'content-type': answer.headers['content-type'] ?? 'application/fhir+json' });
      response.end(text);
    });
  });
  asked.on('error', () => { response.writeHead(502); response.end(); });
  request.pipe(asked);
}

// In a cross-site frame a browser keeps only partitioned cookies; real EHRs sign in outside of it.
function partitioned(response) {
  const set = response.setHeader.bind(response);
  response.setHeader = (name, value) => set(name, name.toLowerCase() === 'set-cookie'
    ? [value].flat().map((cookie) => (/partitioned/i.test(cookie) ? cookie : `${cookie}; partitioned`)) : value);
}

createServer({ cert: readFileSync(settings.cert), key: readFileSync(settings.key) }, (request, response) => {
  partitioned(response);
  request.headers['x-forwarded-proto'] = 'https';
  const fault = (error) => { note({ error: error.stack }); response.writeHead(500); response.end(); };
  if (request.url.startsWith('/fhir')) fhir(request, response).catch(fault);
  else if (request.url.startsWith('/interaction/')) agree(request, response).catch(fault);
  else oidc(request, response);
}).listen(settings.port, '127.0.0.1', () => process.stdout.write('ready\n'));

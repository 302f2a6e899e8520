// A real sign-in service for tests: the certified provider of npm, on this machine, with doors to change its keys.
// Told by its standard input, one JSON object a line; answers each with a line.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { generateKeyPairSync } from 'node:crypto'
import { Provider } from 'oidc-provider'

const settings = JSON.parse(process.argv[2])
const server = createServer()
await new Promise((done) => server.listen(0, '127.0.0.1', done))
const issuer = `http://127.0.0.1:${server.address().port}`

const made = (kid) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' }
}
const kept = { old: made('old'), new: made('new') }

// The first key signs.
function began(kids) {
  const provider = new Provider(issuer, {
    clients: [{
      client_id: settings.client,
      client_secret: settings.secret,
      redirect_uris: [`${settings.pages}/sign-in/callback`],
      post_logout_redirect_uris: [`${settings.pages}/`],
      backchannel_logout_uri: `${settings.pages}/sign-in/back-channel`,
      backchannel_logout_session_required: true,
      id_token_signed_response_alg: 'ES256',
    }],
    jwks: { keys: kids.map((kid) => kept[kid]) },
    cookies: { keys: ['for tests only'] },
    pkce: { required: () => true },
    scopes: ['openid', 'profile', 'email'],
    claims: { openid: ['sub', 'sid'], profile: ['name'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
    features: {
      backchannelLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => settings.audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '', audience: settings.audience, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    extraTokenClaims: (context) => ({ sid: context.oidc.entities.AuthorizationCode?.sid }),
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `${id} Example`, email: `${id}@trust.example`, email_verified: id !== 'jo' }),
    }),
  })
  return provider.callback()
}

let answer = began(['old'])
server.on('request', (request, response) => answer(request, response))
console.log(JSON.stringify({ issuer }))

for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line)
  if (told.keys) answer = began(told.keys)
  if (told.answer) {
    answer = (_, response) => { response.writeHead(told.answer.status); response.end(told.answer.text) }
  }
  console.log('{}')
}
process.exit(0)

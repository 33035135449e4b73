// Prints the token of one selector in base64, as it is sent:
//
//   npm install
//   node token.mjs KIT.json phone +12025550100
//
// The selector must be canonical already, for a token of another spelling matches nothing.

import { derive, exitCode, readKit, Refused } from "./derive.mjs";

process.exitCode = await exitCode(async () => {
  if (process.argv.length !== 5)
    throw new Refused("usage: node token.mjs KIT.json KIND CANONICAL, as in: acme.kit.json phone +12025550100");
  const [kitPath, kind, canonical] = process.argv.slice(2);
  console.log((await derive(readKit(kitPath).tokenKey, kind, canonical)).toString("base64"));
  return 0;
});

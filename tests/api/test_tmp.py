from tests.api.standing import *
def test_x(standing):
    s=standing
    for p in (s.checker,s.bulker,s.tester):
        r=s.post("check", p.body(*LISTED[:1],*TEST_LISTED[:1]), p)
        print(r.status_code, r.headers, r.text)
    r=s.client.get("/v1/parameters", headers=s.checker.headers); print(r.text)
    print(s.api.process.logged())
    for m,p in [("GET","/nope"),("GET","/v1/check"),("PUT","/livez"),("HEAD","/livez"),("OPTIONS","/livez"),("GET","/metrics"),("GET","/docs/assets/%00"),("GET","/docs/assets/"+"a"*3000),("GET","/docs/assets/../../core.py"),("GET","/docs/assets/..%2f..%2fcore.py"),("GET","/docs/assets"),("GET","/docs/assets/"),("GET","/%ff"),("GET","/v1/check/x"),("GET","/schema"),("TRACE","/livez"),("GET","/%s%s{}"),("OPTIONS","/v1/check"), ("POST","/docs")]:
        r=s.client.request(m,p)
        print(m,p[:30],r.status_code,r.headers.get("content-type"),r.headers.get("allow"),r.text[:200])
    print(s.api.process.logged())

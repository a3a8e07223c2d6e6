// Makes the replica set and its two users, once: mongosh --nodb replica_set.js, beside the first member, since who asks from
// the same machine may make the first user. It can be run again at any time. From the environment: MEMBERS, host:port of each,
// the first of which is asked as LOCAL (host:port); SECRETS, the folder with the passwords.
const fs = require("fs");
const secret = (name) => fs.readFileSync(`${process.env.SECRETS}/${name}`, "utf8").trim();
const members = process.env.MEMBERS.split(",");
const local = `mongodb://${process.env.LOCAL}/admin?directConnection=true`;
const asAdmin = `admin:${secret("admin-password")}@`;
const secondsMax = 60;

function answers(uri) {
  try {
    const asked = connect(uri); // Not returned as it is: what it fails with would pass by this catch.
    return asked.hello().ok === 1;
  } catch (refused) {
    return false;
  }
}

// The first member has a better chance to lead, so that it is the one that can be given users.
function configuration() {
  const hosts = members.map((host, number) => ({ _id: number, host, priority: number === 0 ? 2 : 1 }));
  return { _id: "rs0", members: hosts };
}

function makeAdmin() {
  const first = connect(local);
  try {
    first.adminCommand({ replSetInitiate: configuration() });
    print("mongodb: the replica set is made");
  } catch (refused) {
    if (refused.codeName !== "AlreadyInitialized") throw refused; // An earlier run got so far.
  }
  const until = Date.now() + secondsMax * 1000;
  while (!first.hello().isWritablePrimary) {
    if (Date.now() > until) throw new Error(`${members[0]} does not lead after ${secondsMax} s`);
    sleep(100);
  }
  const roles = [{ role: "root", db: "admin" }];
  first.createUser({ user: "admin", pwd: secret("admin-password"), roles, mechanisms: ["SCRAM-SHA-256"] });
  print("mongodb: the user admin is made");
}

if (!answers(local.replace("//", `//${asAdmin}`))) makeAdmin();
const all = connect(`mongodb://${asAdmin}${members.join(",")}/admin?replicaSet=rs0`);
if (!all.getUser("productd")) {
  // Its own database and no other; it makes its indexes itself.
  const roles = [{ role: "readWrite", db: "products" }];
  all.createUser({ user: "productd", pwd: secret("productd-password"), roles, mechanisms: ["SCRAM-SHA-256"] });
  print("mongodb: the user productd is made");
}
print("mongodb: ready");

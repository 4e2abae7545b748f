// Two Modbus/TCP servers: node server.js PORT_OF_MODBUS_SERIAL PORT_OF_JSMODBUS
//
// Both are an Eastron SDM630 as unit 1: floats in input registers. modbus-serial refuses
// what lies behind register 127 with exception 2.
const net = require("node:net");
const { ServerTCP } = require("modbus-serial");
const jsmodbus = require("jsmodbus");

const image = Buffer.alloc(256);
for (const [addr, value] of [[0x00, 230.5], [0x06, 12.25], [0x34, 7603], [0x46, 50.02], [0x48, 1234.5]]) image.writeFloatBE(value, addr * 2);

new ServerTCP(
  {
    getInputRegister: (addr, unit, done) => {
      if (unit !== 1 || addr > 127) return done({ modbusErrorCode: 2 });
      return done(null, image.readUInt16BE(addr * 2));
    },
  },
  { host: "127.0.0.1", port: Number(process.argv[2]), unitID: 1 },
);

const plain = new net.Server();
new jsmodbus.server.TCP(plain, { input: image, holding: image });
plain.listen(Number(process.argv[3]), "127.0.0.1");

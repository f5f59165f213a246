/** The network of the tests: one bridge, on which every address is known beforehand. */
import { getContainerRuntimeClient } from "testcontainers";
import { CLIENTS, GATEWAY, SUBNET } from "./addresses.js";
import { Container } from "./container.js";
import { BRIDGE, LABEL, NETWORK, PEERS } from "./names.js";

export async function createNetwork(): Promise<void> {
  const { network } = await getContainerRuntimeClient();
  await network.create({
    Name: NETWORK,
    Driver: "bridge",
    Labels: { [LABEL]: "" },
    IPAM: { Driver: "default", Config: [{ Subnet: SUBNET, Gateway: GATEWAY }] },
    Options: { "com.docker.network.bridge.name": BRIDGE },
  });
  // Ends with the bridge. In a container, since who may use Docker need not be root.
  const command = ["ip", "route", "add", "local", CLIENTS, "dev", BRIDGE];
  const route = await Container.start({ image: PEERS, network: "host", capabilities: ["NET_ADMIN"], command });
  if ((await route.ended()) !== 0) throw new Error(`clients cannot have addresses: ${await route.wholeLog()}`);
  await route.remove();
}

/** Removes every container and network of the tests, also of runs that were killed. */
export async function removeAll(): Promise<void> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const ours = { filters: { label: [LABEL] } };
  const containers = await dockerode.listContainers({ all: true, ...ours });
  await Promise.all(containers.map(({ Id }) => dockerode.getContainer(Id).remove({ force: true, v: true })));
  const networks = await dockerode.listNetworks(ours);
  await Promise.all(networks.map(({ Id }) => dockerode.getNetwork(Id).remove()));
}

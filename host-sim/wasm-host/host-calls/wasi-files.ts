import { Errno } from "../abi.js";
import type { Vm } from "../vm.js";
import { type HostCall, type HostFunction, wasi } from "./host-call.js";
import { fault, fdWrite } from "./wasi.js";

/**
 * The WASI functions that Envoy's host offers besides the specification's, so that modules can be
 * loaded whose language's library imports them. There are no files and no sockets: each answers what
 * Envoy's does, and has the parameters that Envoy's has.
 */
export const WASI_FILE_CALLS: HostCall[] = [
  row("clock_res_get", "(ii)i", (vm: Vm, clock: number, at: number) =>
    clock > 1 ? Errno.NOTSUP : fault(vm.memory.setU64(at, 1n)),
  ),
  row("sched_yield", "()i", () => Errno.SUCCESS),
  row("poll_oneoff", "(iiii)i", (vm: Vm, _in: number, _out: number, _count: number, at: number) =>
    zero(vm, at, 4, Errno.SUCCESS),
  ),

  row("fd_advise", "(illi)i", () => Errno.SUCCESS),
  row("fd_allocate", "(ill)i", onlyOutput),
  row("fd_close", "(i)i", () => Errno.SUCCESS),
  row("fd_datasync", "(i)i", onlyOutput),
  row("fd_fdstat_get", "(ii)i", fdstatGet),
  row("fd_fdstat_set_flags", "(ii)i", () => Errno.NOSYS),
  row("fd_fdstat_set_rights", "(ill)i", onlyOutput),
  row("fd_filestat_get", "(ii)i", () => Errno.BADF),
  row("fd_filestat_set_size", "(il)i", onlyOutput),
  row("fd_filestat_set_times", "(illi)i", onlyOutput),
  row("fd_pread", "(iiili)i", () => Errno.NOSYS),
  row("fd_prestat_dir_name", "(iii)i", () => Errno.NOSYS),
  row("fd_prestat_get", "(ii)i", () => Errno.BADF),
  row("fd_pwrite", "(iiili)i", (vm: Vm, fd: number, list: number, listSize: number, _offset: bigint, at: number) =>
    fdWrite(vm, fd, list, listSize, at),
  ),
  row("fd_read", "(iiii)i", () => Errno.NOSYS),
  row("fd_readdir", "(iiili)i", (vm: Vm, _fd: number, _at: number, _size: number, _cookie: bigint, at: number) =>
    zero(vm, at, 4, Errno.NOTDIR),
  ),
  row("fd_renumber", "(ii)i", (_vm: Vm, from: number, to: number) =>
    isOutput(from) && isOutput(to) ? Errno.NOTSUP : Errno.BADF,
  ),
  row("fd_seek", "(ilii)i", () => Errno.SUCCESS),
  row("fd_sync", "(i)i", onlyOutput),
  row("fd_tell", "(ii)i", (vm: Vm, fd: number, at: number) =>
    isOutput(fd) ? zero(vm, at, 8, Errno.SUCCESS) : Errno.BADF,
  ),

  row("path_create_directory", "(iii)i", () => Errno.NOTSUP),
  row("path_filestat_get", "(iiiii)i", () => Errno.NOTSUP),
  row("path_filestat_set_times", "(iiiilli)i", () => Errno.NOTSUP),
  row("path_link", "(iiiiii)i", () => Errno.NOTSUP),
  row("path_open", "(iiiiillii)i", () => Errno.NOENT),
  row(
    "path_readlink",
    "(iiiiii)i",
    (vm: Vm, _fd: number, _path: number, _n: number, _to: number, _m: number, at: number) =>
      zero(vm, at, 4, Errno.NOTSUP),
  ),
  row("path_remove_directory", "(iii)i", () => Errno.NOTSUP),
  row("path_rename", "(iiiiii)i", () => Errno.NOTSUP),
  row("path_symlink", "(iiii)i", () => Errno.NOTSUP),
  row("path_unlink_file", "(iii)i", () => Errno.NOTSUP),

  row("sock_accept", "(iii)i", (vm: Vm, _fd: number, _flags: number, at: number) => zero(vm, at, 8, Errno.NOTSUP)),
  row("sock_recv", "(iiiiii)i", sockRecv),
  row("sock_send", "(iiiii)i", (vm: Vm, _fd: number, _list: number, _n: number, _flags: number, at: number) =>
    zero(vm, at, 4, Errno.NOTSUP),
  ),
  row("sock_shutdown", "(ii)i", () => Errno.NOTSUP),
];

function row(name: string, signature: string, call: HostFunction): HostCall {
  return wasi(name, signature, call, { specified: false });
}

function isOutput(fd: number): boolean {
  return fd === 1 || fd === 2;
}

function onlyOutput(_vm: Vm, fd: number): number {
  return isOutput(fd) ? Errno.SUCCESS : Errno.BADF;
}

/** Writes a zero of `size` bytes, then answers `errno`. */
function zero(vm: Vm, at: number, size: number, errno: number): number {
  return vm.memory.set(at, new Uint8Array(size)) ? errno : Errno.FAULT;
}

/** A `wasi_fdstat` with the one right to write; Envoy does not tell of a bad pointer. */
function fdstatGet(vm: Vm, fd: number, at: number): number {
  if (!isOutput(fd)) return Errno.BADF;
  const stat = new Uint8Array(24);
  stat[8] = 64;
  vm.memory.set(at, stat);
  return Errno.SUCCESS;
}

function sockRecv(
  vm: Vm,
  _fd: number,
  _list: number,
  _n: number,
  _in: number,
  sizeAt: number,
  flagsAt: number,
): number {
  const errno = zero(vm, sizeAt, 4, Errno.NOTSUP);
  return errno === Errno.NOTSUP ? zero(vm, flagsAt, 2, errno) : errno;
}

//! The packet socket and its ring of blocks: system calls and shared memory, behind a safe interface.
//!
//! The only file of the capture with unsafe code. The kernel fills blocks in turn and hands each
//! over by its status word; only the side that has a block accesses it.

#![expect(unsafe_code, reason = "a packet ring is memory shared with the kernel (house style, rule 28)")]

use std::{
    ffi::c_void,
    io, mem,
    os::fd::{AsFd, AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd},
    ptr::{self, NonNull},
    slice,
    sync::atomic::{AtomicU32, Ordering},
};

use super::{
    block::{BLOCK_STATUS, STATUS_USER},
    filter::Instruction,
};

/// Size of a block: a frame has to fit in, and segmentation offload makes frames of half a megabyte.
pub(super) const BLOCK_BYTES: usize = 1024 * 1024;
/// Fills the ring for accounting only: with blocks of variable frames it has no other meaning.
const FRAME_BYTES: usize = 2048;
/// After how many milliseconds the kernel hands over a block that is not full.
const RETIRE_MILLISECONDS: u32 = 20;

/// A packet socket with its ring.
#[derive(Debug)]
pub(super) struct Ring {
    memory: NonNull<u8>,
    blocks: usize,
    /// The block that the kernel hands over next, or that is being read.
    current: usize,
    socket: OwnedFd,
}

/// The kernel's counters since they were last read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct KernelCounts {
    /// Frames that passed the filter, the dropped ones among them.
    pub(super) frames: u32,
    /// Frames that found no room.
    pub(super) drops: u32,
    /// Times that no block was free.
    pub(super) freezes: u32,
}

// SAFETY: the memory belongs to this ring alone until it is dropped; nothing in it is tied to a thread.
unsafe impl Send for Ring {}

impl Ring {
    /// A socket of the network namespace of this thread, with a ring of `blocks` blocks. It
    /// gathers nothing before it is opened.
    pub(super) fn new(blocks: usize) -> io::Result<Self> {
        // SAFETY: no pointers are passed.
        let socket = unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) };
        if socket < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is open and nobody else's.
        let socket = unsafe { OwnedFd::from_raw_fd(socket) };
        let version = libc::c_int::try_from(libc::tpacket_versions::TPACKET_V3 as u32).unwrap_or_default();
        set_option(&socket, libc::SOL_PACKET, libc::PACKET_VERSION, &version)?;
        let number = |value: usize| u32::try_from(value).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput));
        let request = libc::tpacket_req3 {
            tp_block_size: number(BLOCK_BYTES)?,
            tp_block_nr: number(blocks)?,
            tp_frame_size: number(FRAME_BYTES)?,
            tp_frame_nr: number(BLOCK_BYTES / FRAME_BYTES * blocks)?,
            tp_retire_blk_tov: RETIRE_MILLISECONDS,
            tp_sizeof_priv: 0,
            tp_feature_req_word: 0,
        };
        set_option(&socket, libc::SOL_PACKET, libc::PACKET_RX_RING, &request)?;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice touches no memory of ours.
        let memory = unsafe {
            libc::mmap(ptr::null_mut(), blocks * BLOCK_BYTES, protection, libc::MAP_SHARED, socket.as_raw_fd(), 0)
        };
        if memory == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let memory = NonNull::new(memory.cast::<u8>()).ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        Ok(Self { memory, blocks, current: 0, socket })
    }

    /// Starts to receive frames of all interfaces, in both directions.
    pub(super) fn open(&self) -> io::Result<()> {
        // SAFETY: zeroes are a valid value of this plain struct of numbers.
        let mut address: libc::sockaddr_ll = unsafe { mem::zeroed() };
        address.sll_family = u16::try_from(libc::AF_PACKET).unwrap_or_default();
        address.sll_protocol = u16::try_from(libc::ETH_P_ALL).unwrap_or_default().to_be();
        // SAFETY: the pointer and the length describe `address`, which outlives the call.
        let result = unsafe {
            libc::bind(self.socket.as_raw_fd(), (&raw const address).cast(), length_of::<libc::sockaddr_ll>())
        };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Has the kernel run `program` on each frame, instead of the one before.
    pub(super) fn filter(&self, program: &[Instruction]) -> io::Result<()> {
        let mut instructions: Vec<libc::sock_filter> = program
            .iter()
            .map(|&Instruction { code, jump_true, jump_false, operand }| libc::sock_filter {
                code,
                jt: jump_true,
                jf: jump_false,
                k: operand,
            })
            .collect();
        let len = u16::try_from(instructions.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        // The kernel reads `len` instructions from the pointer within the call.
        let program = libc::sock_fprog { len, filter: instructions.as_mut_ptr() };
        set_option(&self.socket, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program)
    }

    /// The kernel's counters since the last call.
    pub(super) fn counts(&self) -> io::Result<KernelCounts> {
        let mut counts = libc::tpacket_stats_v3 { tp_packets: 0, tp_drops: 0, tp_freeze_q_cnt: 0 };
        let mut length = length_of::<libc::tpacket_stats_v3>();
        // SAFETY: the pointers describe `counts` and its length, which outlive the call.
        let result = unsafe {
            libc::getsockopt(
                self.socket.as_raw_fd(),
                libc::SOL_PACKET,
                libc::PACKET_STATISTICS,
                (&raw mut counts).cast(),
                &raw mut length,
            )
        };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(KernelCounts { frames: counts.tp_packets, drops: counts.tp_drops, freezes: counts.tp_freeze_q_cnt })
    }

    /// The current block, if the kernel has released it to user space. The kernel does not write to it until
    /// [`Self::release`].
    pub(super) fn block(&self) -> Option<&[u8]> {
        if self.status().load(Ordering::Acquire) & STATUS_USER == 0 {
            return None;
        }
        // SAFETY: the block lies inside the mapping (`current < blocks`), which lives as long as
        // `self`. The kernel does not write to a block while its status says that it is ours, and
        // giving it back needs `&mut self`, so no such slice is alive then.
        Some(unsafe { slice::from_raw_parts(self.start().as_ptr(), BLOCK_BYTES) })
    }

    /// Gives the current block back to the kernel and goes on to the next.
    pub(super) fn release(&mut self) {
        self.status().store(libc::TP_STATUS_KERNEL, Ordering::Release);
        self.current = (self.current + 1) % self.blocks;
    }

    fn start(&self) -> NonNull<u8> {
        // SAFETY: `current < blocks`, so that the offset is inside the mapping.
        unsafe { self.memory.add(self.current * BLOCK_BYTES) }
    }

    fn status(&self) -> &AtomicU32 {
        // SAFETY: the status word lies inside the block, is aligned to 4 as blocks are to pages,
        // lives as long as `self`, and is read and written by atomic operations only while the
        // block can be the kernel's.
        unsafe { AtomicU32::from_ptr(self.start().add(BLOCK_STATUS).as_ptr().cast()) }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the mapping was made with this length, and no slice of it outlives `self`.
        unsafe { libc::munmap(self.memory.as_ptr().cast::<c_void>(), self.blocks * BLOCK_BYTES) };
    }
}

impl AsFd for Ring {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Sets an option to a plain value, which the kernel copies within the call.
fn set_option<T>(socket: &OwnedFd, level: libc::c_int, option: libc::c_int, value: &T) -> io::Result<()> {
    // SAFETY: the pointer and the length describe `value`, which outlives the call.
    let result =
        unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, ptr::from_ref(value).cast(), length_of::<T>()) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn length_of<T>() -> libc::socklen_t {
    libc::socklen_t::try_from(mem::size_of::<T>()).unwrap_or_default()
}

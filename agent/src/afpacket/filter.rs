//! The kernel's filter: drops frames of interfaces that are known and not captured. Those of unknown
//! interfaces pass, so that the first frames of a new link are not lost.

/// One instruction of classic BPF, as `struct sock_filter` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instruction {
    pub(super) code: u16,
    pub(super) jump_true: u8,
    pub(super) jump_false: u8,
    pub(super) operand: u32,
}

/// `A = interface index of the frame` (ancillary data lie at -0x1000).
const LOAD_INTERFACE: Instruction = Instruction { code: 0x20, jump_true: 0, jump_false: 0, operand: 0xffff_f008 };
/// Programs have at most 4096 instructions; one link takes two.
const MAX_REFUSED: usize = 2000;

/// A program that drops the frames of `refused` and keeps `snap_len` bytes of all others.
///
/// With very many links the last ones pass; their frames are dropped behind the ring.
pub(super) fn refusing(refused: &[u32], snap_len: u32) -> Vec<Instruction> {
    let mut program = vec![LOAD_INTERFACE];
    for &index in refused.iter().take(MAX_REFUSED) {
        program.push(Instruction { code: 0x15, jump_true: 0, jump_false: 1, operand: index });
        program.push(returning(0));
    }
    program.push(returning(snap_len));
    program
}

fn returning(bytes: u32) -> Instruction {
    Instruction { code: 0x06, jump_true: 0, jump_false: 0, operand: bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a program on a frame of an interface.
    fn run(program: &[Instruction], interface: u32) -> u32 {
        assert_eq!(program[0], LOAD_INTERFACE);
        let mut at = 1;
        loop {
            let Instruction { code, jump_true, jump_false, operand } = program[at];
            match code {
                0x15 => at += 1 + usize::from(if interface == operand { jump_true } else { jump_false }),
                0x06 => return operand,
                other => panic!("{other:#x}"),
            }
        }
    }

    #[test]
    fn only_what_is_refused_is_dropped() {
        let program = refusing(&[1, 7], 96);
        assert_eq!([0, 1, 2, 7, 8].map(|index| run(&program, index)), [96, 0, 96, 0, 96]);
        assert_eq!(run(&refusing(&[], 65_535), 1), 65_535);
    }

    #[test]
    fn the_program_is_never_longer_than_the_kernel_takes() {
        let many: Vec<u32> = (1..10_000).collect();
        let program = refusing(&many, 1);
        assert!(program.len() <= 4096);
        assert_eq!((run(&program, 5), run(&program, 9_999)), (0, 1));
    }
}

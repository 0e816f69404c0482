//! Advance widths of Verdana for printable ASCII, in hundredths of a pixel, so that a badge's box
//! fits its text on every machine. Taken from the MIT-licensed `anafanafo` 2.0.0, which Shields
//! itself measures with. Pure; must never decide what a badge says.

/// The width of each printable ASCII character, from space to `~`.
#[derive(Debug)]
pub(super) struct Widths([u16; 95]);

impl Widths {
    /// The width of a text in whole pixels, made odd as Shields does: an odd width keeps the text's middle on a pixel.
    pub(super) fn of(&self, text: &str) -> u32 {
        (self.exact(text) / 100) | 1
    }

    /// The width of a text in hundredths of a pixel.
    pub(super) fn exact(&self, text: &str) -> u32 {
        text.chars().map(|c| self.char(c)).sum()
    }

    fn char(&self, c: char) -> u32 {
        let place = (c as usize).wrapping_sub(0x20);
        // Letters outside the table are as wide as the widest common one, so that they fit.
        u32::from(self.0.get(place).copied().unwrap_or(self.0['m' as usize - 0x20]))
    }
}

/// Verdana, 11 px.
pub(super) const NORMAL_11: Widths = Widths([
    387, 433, 505, 900, 699, 1184, 799, 295, 500, 500, 699, 900, 400, 500, 400, 500, 699, 699, 699,
    699, 699, 699, 699, 699, 699, 699, 500, 500, 900, 900, 900, 600, 1100, 752, 754, 768, 848, 696,
    632, 853, 827, 463, 500, 762, 612, 927, 823, 866, 663, 866, 765, 752, 678, 805, 752, 1088, 754,
    677, 754, 500, 500, 500, 900, 699, 699, 661, 685, 573, 685, 655, 387, 685, 696, 302, 379, 651,
    302, 1070, 696, 668, 685, 685, 469, 573, 433, 696, 651, 900, 651, 651, 578, 698, 500, 698, 900,
]);

/// Verdana, 10 px.
pub(super) const NORMAL_10: Widths = Widths([
    352, 394, 459, 818, 636, 1076, 727, 269, 454, 454, 636, 818, 364, 454, 364, 454, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 454, 454, 818, 818, 818, 545, 1000, 684, 686, 698, 771, 632,
    575, 775, 751, 421, 455, 693, 557, 843, 748, 787, 603, 787, 695, 684, 616, 732, 684, 989, 685,
    615, 685, 454, 454, 454, 818, 636, 636, 601, 623, 521, 623, 596, 352, 623, 633, 274, 344, 592,
    274, 973, 633, 607, 623, 623, 427, 521, 394, 633, 592, 818, 592, 592, 525, 635, 454, 635, 818,
]);

/// Verdana bold, 10 px.
pub(super) const BOLD_10: Widths = Widths([
    342, 402, 587, 867, 711, 1272, 862, 332, 543, 543, 711, 867, 361, 480, 361, 689, 711, 711, 711,
    711, 711, 711, 711, 711, 711, 711, 402, 402, 867, 867, 867, 617, 964, 776, 762, 724, 830, 683,
    650, 811, 837, 546, 555, 771, 637, 948, 847, 850, 733, 850, 782, 710, 682, 812, 764, 1128, 764,
    737, 692, 543, 689, 543, 867, 711, 711, 668, 699, 588, 699, 664, 422, 699, 712, 342, 403, 671,
    342, 1058, 712, 687, 699, 699, 497, 593, 456, 712, 650, 979, 669, 651, 597, 711, 543, 711, 867,
]);

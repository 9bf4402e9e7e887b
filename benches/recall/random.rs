//! Numbers and words that are the same in every run.

/// SplitMix64 (Steele, Lea, Flood 2014), from a fixed seed.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, but not including 1.
    pub(super) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.share() * end as f64) as usize
    }
}

/// How many different words there are.
pub(super) const VOCABULARY: usize = 50_000;

/// A vocabulary whose word of rank r is drawn with a chance proportional to 1/r (Zipf).
#[derive(Debug)]
pub(super) struct Zipf {
    /// The chance of a rank or any before it.
    cumulative: Vec<f64>,
}

impl Zipf {
    pub(super) fn new() -> Self {
        let mut sum = 0.0;
        let mut cumulative: Vec<f64> = (1..=VOCABULARY)
            .map(|rank| {
                sum += 1.0 / rank as f64;
                sum
            })
            .collect();
        cumulative.iter_mut().for_each(|chance| *chance /= sum);
        Self { cumulative }
    }

    /// Draws a rank, from 0.
    pub(super) fn rank(&self, random: &mut Random) -> usize {
        let share = random.share();
        self.cumulative.partition_point(|chance| *chance < share).min(VOCABULARY - 1)
    }
}

/// Spells the word of a rank: three syllables and a last letter, so that none begins another and no stemmer joins two.
pub(super) fn word(rank: usize) -> String {
    const CONSONANTS: [char; 15] = ['b', 'c', 'd', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n', 'p', 'r', 't', 'v'];
    const VOWELS: [char; 5] = ['a', 'e', 'i', 'o', 'u'];
    let syllables = CONSONANTS.len() * VOWELS.len();
    // Spreads neighbouring ranks over the alphabet; 75³ and 100,003 have no common factor, so no two are alike.
    let mut number = rank * 100_003 % syllables.pow(3);
    let mut word = String::with_capacity(7);
    for _ in 0..3 {
        let syllable = number % syllables;
        number /= syllables;
        word.push(CONSONANTS[syllable % CONSONANTS.len()]);
        word.push(VOWELS[syllable / CONSONANTS.len()]);
    }
    word.push('k');
    word
}

"""The review queue as stewards work it: what they ask for, the form a decision is made with, what stands beside."""

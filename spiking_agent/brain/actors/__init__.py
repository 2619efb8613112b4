"""The brain as actors: an asyncio task for each neuron, impulses over broadcast channels.

Read `channel` (tokio's broadcast channel), `clock` (virtual or real time), `merge` (many channels
heard as one), `brain` (the neurons), then `engine`.
"""

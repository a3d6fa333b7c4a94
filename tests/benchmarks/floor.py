"""The least that a cold question can cost: the same libraries, model and files, and nothing else.

Run as `python floor.py KB_FOLDER CACHE_FOLDER`: encodes one question, asks the index for its best
ten and adds up some numbers for each word.
"""

import sqlite3
import sys

import faiss
import numpy as np
import onnxruntime
from tokenizers import Tokenizer

kb, model = sys.argv[1:]
options = onnxruntime.SessionOptions()
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(f"{model}/model.onnx", options)
tokenizer = Tokenizer.from_file(f"{model}/tokenizer.json")
ids = np.array([tokenizer.encode("why not share targeting intel").ids])
vector = session.run(["sentence_vectors"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[
    0
]
index = faiss.read_index(f"{kb}/index/passages.faiss", faiss.IO_FLAG_MMAP_IFC)
index.search(vector, 10)
db = sqlite3.connect(f"file:{kb}/kb.sqlite3?mode=ro", uri=True)
words = db.execute("SELECT id, rows FROM terms WHERE term IN ('share', 'target', 'intel')")
places = np.memmap(f"{kb}/index/words.bin", dtype=np.uint32, mode="r")
scores = np.zeros(1000)
for number, rows in words:
    scores[places[:rows] % 1000] += number
scores.argsort()

"""What the five guides name, as data: commands, classes, methods, parameters, files, settings and folders; and the topics
that have no name in code. Read in the guides themselves; `docs/from-the-guides.md` has to answer each."""

from __future__ import annotations

from collections.abc import Mapping

CODE: Mapping[str, str] = {
    "The exercise image generator": """
        pip install torch torchvision --index-url https://download.pytorch.org/whl/cu121
        pip install torch torchvision
        pip install -r requirements-image-gen.txt
        python scripts/generate_images.py --list
        python scripts/generate_images.py --exercise chin_tuck
        python scripts/generate_images.py --exercise new_exercise
        python scripts/generate_images.py --all
        python scripts/generate_images.py --all --preset quality
        python scripts/generate_images.py --all --preset low_vram
        python scripts/generate_images.py --all --dry-run
        rm -rf ~/.cache/huggingface/hub/models--stabilityai--stable-diffusion-xl-base-1.0
        service.load_model()
        service.generate_exercise_images("chin_tuck", save=True)
        service.generate_image(prompt=..., seed=42)
        service.unload_model()
        ImageGenerationConfig ImageGenerationService ImageGenerationService(config)
        model_id num_inference_steps guidance_scale base_seed seed device lora_path lora_weight
        ExercisePrompt exercise_id image_order description view_angle body_position muscles_shown joints_shown
        ViewAngle lateral anterior posterior oblique close-up
        BodyPosition standing seated supine prone quadruped
        EXERCISE_PROMPTS region_map style_prefix style_suffix fast quality low_vram
        scripts/generate_images.py src/image_generation/prompts.py src.image_generation.config
        src.image_generation.service service.py requirements-image-gen.txt models/loras/
        content/images/exercises/ neck/chin_tuck_01.png ~/.cache/huggingface/hub/
    """,
    "The SDXL character engine": """
        SDXLPipelineManager load_pipeline() generate() unload_pipeline() get_vram_usage() model_path device dtype use_sdpa
        prompt negative_prompt num_steps cfg_scale width height seed
        LoRALoader pipeline load_lora() lora_path adapter_name weight load_multiple_loras() loras set_lora_weight()
        unload_lora() unload_all_loras()
        ControlNetGenerator base_pipeline generate_with_pose() reference_image character_lora controlnet_strength
        generation_kwargs generate_with_depth() generate_with_canny() generate_multi_controlnet() controls
        CharacterConsistencyChecker model_name extract_embedding() compute_similarity() reference_embedding
        generated_embedding verify_character_match() generated_image threshold is_match similarity
        filter_consistent_images() generated_images
        CharacterGenerator sdxl_manager lora_loader consistency_checker generate_character() character scene_description
        background pose_reference quality draft standard high num_candidates filter_consistency output_path
        image_path prompt_used loras_used consistency_score generation_time BatchGenerator AttnProcessor2_0()
        base_model cache_dir variant vram_optimization enable_cpu_offload enable_sequential_cpu_offload
        backend enable_xformers quality_presets steps default_size scheduler enable_safety_checker nsfw_threshold
        characters backgrounds styles luca alberto portorosso pixar_3d name default_weight trigger_words
        character_name lora_name lora_weight base_prompt reference_embeddings consistency_threshold generation_params size
        openpose depth canny model default_strength preprocessor openpose_full depth_midas detect_hands detect_face
        model_type DPT_Large low_threshold high_threshold
        scripts/generation/image/ __init__.py sdxl_pipeline.py lora_loader.py controlnet_generator.py
        character_generator.py consistency_checker.py batch_generator.py
        configs/generation/ sdxl_config.yaml controlnet_config.yaml lora_registry.yaml character_presets.yaml
        requirements/image_generation.txt outputs/
        diffusers transformers accelerate safetensors peft compel controlnet_aux opencv-python mediapipe insightface
        onnxruntime-gpu Pillow numpy
    """,
    "The image-to-image guide": """
        reference_image_path init_image StableDiffusionImg2ImgPipeline generate_with_img2img()
        StableDiffusionControlNetPipeline ControlNetModel generate_with_controlnet() generate_with_both()
        OpenposeDetector lllyasviel/ControlNet control_image lllyasviel/sd-controlnet-openpose
        openpose canny depth scribble seg _generate_image_diffusers() strength img2img_strength prompt negative_prompt
        num_inference_steps guidance_scale generator width height init_image.resize()
        PersonaModel appearance_locked base_image_path image_consistency_method img2img controlnet both
        use_controlnet controlnet_type
        src/backend/services/ai_models.py ai_models.py src/backend/services/content_generation_service.py
        src/backend/models/persona.py src/backend/models/content.py
    """,
    "The generator of LoRA training images": """
        npm install
        export FAL_KEY="your-fal-ai-key"
        npm run phase1
        npm run gallery
        npm run phase2
        base_prompt negative_prompt front back side quarter arms_up bent seated hanging
        VARIATIONS id anchor prompt strength new_exercise pullup_top pullup_mid barbell_row fitmannequin
        config/character.json config/anchors.json config/variations.json src/phase1-anchors.js src/phase2-variations.js
        src/gallery-server.js output/anchors/ output/anchors-selected/ front.png back.png output/variations/
        output/training/ package.json lora-image-generator/
        fal-ai/flux-pro/v1.1-ultra fal-ai/flux/dev/image-to-image
    """,
    "The agentic storyboard guide": """
        POST http://localhost:8000/api/generate
        POST http://localhost:8000/api/generate-with-image
        Content-Type Authorization prompt target_duration image use_advanced_image_generation
        advanced_image_num_variations advanced_image_max_enhancement_iterations advanced_image_quality_threshold
        output/reference_image_traces/{generation_id}/ scene_1/ 00_original_prompt.txt 01_agent1_iteration_1.txt
        02_agent2_iteration_1.txt 03_agent1_iteration_2.txt 04_agent2_iteration_2.txt final_enhanced_prompt.txt
        prompt_trace_summary.json image_1.png image_2.png image_3.png image_4.png quality_scores.json selected_best.txt
        generation_id status progress advanced_image_generation_used storyboard_plan advanced_image_settings
        quality_threshold num_variations max_enhancement_iterations scenes scene_number reference_image_url quality_score
        backend/app/schemas/generation.py backend/app/services/pipeline/image_prompt_enhancement.py
        backend/app/services/pipeline/image_quality_scoring.py backend/app/services/pipeline/image_generation_batch.py
        llm-enhancer-atharva/advanced-image-generation-technical.md
    """,
}
"""By section of the page. A line that holds a command is one name; all others are names with white space between."""
COMMANDS = ("pip ", "python ", "rm ", "npm ", "export ", "POST ", "service.")

TOPICS: Mapping[str, str] = {
    "The exercise image generator": """
        12 GB or more; 8 GB; Apple Silicon with 16 GB; CPU only; Medical Illustration Style; Anatomy Reference;
        Line Art / Technical Drawing; Out of Memory (OOM); Poor Anatomical Accuracy; Inconsistent Style;
        Model Download Issues; Chin Tuck; Pendulum Exercise; Cat-Cow Stretch; Piriformis Stretch; Calf Raises
    """,
    "The SDXL character engine": """
        Text-to-image; Prompts and negative prompts; Resolution; Speed; Latency, quality and VRAM targets; VRAM Constraints;
        LoRA Availability; PyTorch Compatibility; Character Consistency; Multi-LoRA composition; Progress tracking;
        Trigger word injection; Dynamic weight adjustment; Quality evaluation; Qwen-VL-7B;
        LLM Backend; Agent Framework; Model Manager; RAG System; InstantID; ArcFace embeddings
    """,
    "The image-to-image guide": """
        Prompt-based consistency; Strength per persona; Strength 0.3, 0.7, 0.9; ControlNet type selection; UI controls;
        Face ID preservation using IP-Adapter; Multi-ControlNet; Reference image gallery;
        Automatic best-method selection; Hybrid approach; Without reference; Cache pipelines; Validate reference image paths;
        Check image file types; Scan for malicious content; File size limits; API docs; Persona configuration;
        ControlNet tutorial; Base image selection
    """,
    "The generator of LoRA training images": """
        Export Training Set; Review all generated images; Strength bands; The lowest strength that achieves the pose; Closest anchor;
        Smaller edit distance; Cost summary; Time; Phase 2: Variations tab; Click to select; Selecting anchors;
        Selecting training images; 20-30 images; Include your 8 anchors; Training steps 1000-1500; Rank 16-32; Trigger word;
        Upload to fal.ai or Replicate; Test generation; "No anchor image found"; Character looks different in variations;
        API rate limits; Adding new variations; Integrate into the main video pipeline
    """,
    "The agentic storyboard guide": """
        Prompt enhancement; Cinematographer; Prompt Engineer; Score of 85; Weighted average; Completeness; Specificity;
        Professionalism; Cinematography; Brand Alignment; Multi-variation generation; Different random seeds; Same prompt;
        Nano Banana; Video generation; Consistency markers; PickScore; CLIP-Score; VQAScore; Aesthetic Predictor; Overall score; Select best;
        Rank; Sequential chaining; User reference image; Trace cleanup; Simple mode; Advanced mode; Maximum Quality;
        Balanced; Fast Advanced; Cost and time estimates; Quality scores are consistently low;
        Enhancement takes too many iterations; All variations look very similar
    """,
}
"""By section of the page, with semicolons between."""


def names(section: str) -> frozenset[str]:
    """Everything that the guide of `section` writes as code."""
    lines = [line.strip() for line in CODE[section].strip().splitlines()]
    commands = {line for line in lines if line.startswith(COMMANDS)}
    return frozenset(commands | {name for line in lines if line not in commands for name in line.split()})


def topics(section: str) -> frozenset[str]:
    """Everything else that it explains."""
    return frozenset(" ".join(topic.split()) for topic in TOPICS[section].split(";"))
